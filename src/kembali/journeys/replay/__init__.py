"""Running a flow over the past. Loads NumPy, Arrow and Ibis: imported when called, never in web processes."""
