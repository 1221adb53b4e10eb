"""The application's pages in a real browser, with everything real behind them."""
