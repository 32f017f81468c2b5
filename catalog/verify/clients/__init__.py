"""Ask real clients what they do under an exported policy: a model asks for calls, a server writes down what it gets."""
