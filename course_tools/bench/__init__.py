"""What the recipes of the chapters reach: on images (chapter 04), on stays (chapter 05), in tables and as JSON."""
