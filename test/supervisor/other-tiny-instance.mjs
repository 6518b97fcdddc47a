// Another version of the program: the same, by another name.
import './tiny-instance.mjs';
