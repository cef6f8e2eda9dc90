/* Parses a file with expat and does the least that an import would: count
   elements and bytes of text. It is the yardstick, not the goal. */
#include <expat.h>
#include <stdio.h>

static unsigned long elements, text;

static void XMLCALL start(void *data, const XML_Char *name, const XML_Char **attributes) {
	(void)data; (void)name; (void)attributes;
	elements++;
}

static void XMLCALL end(void *data, const XML_Char *name) { (void)data; (void)name; }

static void XMLCALL characters(void *data, const XML_Char *s, int n) {
	(void)data; (void)s;
	text += (unsigned long)n;
}

int main(int argc, char **argv) {
	if (argc != 2) return 2;
	FILE *file = fopen(argv[1], "rb");
	XML_Parser parser = XML_ParserCreate(NULL);
	if (!file || !parser) return 2;
	XML_SetElementHandler(parser, start, end);
	XML_SetCharacterDataHandler(parser, characters);
	const int size = 256 << 10;
	for (int last = 0; !last;) {
		void *buffer = XML_GetBuffer(parser, size);
		if (!buffer) return 2;
		size_t n = fread(buffer, 1, (size_t)size, file);
		last = n < (size_t)size;
		if (last && ferror(file)) return 2;
		if (XML_ParseBuffer(parser, (int)n, last) == XML_STATUS_ERROR) {
			fprintf(stderr, "%s\n", XML_ErrorString(XML_GetErrorCode(parser)));
			return 1;
		}
	}
	printf("%lu %lu\n", elements, text);
	XML_ParserFree(parser);
	return fclose(file) ? 2 : 0;
}
