"""What is computed for an answer when it is shown: changes, open references, suggestions, the annotated workbook. Nothing here is sealed."""
