"""One public function or object per thing people ask for, on top of the rules and behind the edges."""
