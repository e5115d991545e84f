"""Charts as SVG, made on the server: pure functions of numbers. Colours and lines are classes of console.css."""
