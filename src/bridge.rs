//! Words shared by screen and engine.
