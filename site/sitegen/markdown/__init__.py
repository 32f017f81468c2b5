"""Pages as Markdown (CommonMark), for people in a terminal and for language models; one module per kind of page."""
