"""Goals, measures and indicators: the page that lists them, and a page for each thing that is done to them."""
