"""A learning platform that receives signed events and shows enrolments."""
