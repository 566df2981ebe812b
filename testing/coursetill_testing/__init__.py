"""What tests of Coursetill, its extensions and its adapters are written with."""
