"""One module per page: read what was asked, call the rooms' doors, shape the view model. No rule and no SQL."""
