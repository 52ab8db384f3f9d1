"""Goals, measures and indicators as an Excel file that goes out, is worked on and comes back."""
