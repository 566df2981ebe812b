"""CSV files of products and discounts, read strictly."""
