"""Work: the shared life of every order and route, its timeline, and who held it when."""
