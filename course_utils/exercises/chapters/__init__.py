"""What each chapter checks, one file a chapter, named by its number: a list EXERCISES and a list QUIZ."""
