"""What the author of a scenario on torch imports: tensors as the arrays that the lab saves, shows and edits."""
