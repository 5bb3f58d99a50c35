"""What tests build on: folders, stores, clocks, editors that are not there, ways to damage things."""
