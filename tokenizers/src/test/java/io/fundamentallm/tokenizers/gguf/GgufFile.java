package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.tokenizers.gguf.section.GgufWriter;

/** Adds what no sound GGUF file has to one. */
final class GgufFile {
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private GgufFile() {}

  static GgufWriter nestedArrays(GgufWriter file, String key, int depth) {
    file.key(key, ARRAY);
    for (int i = 0; i < depth; i++) {
      file.int32(ARRAY);
      file.int64(1);
    }
    file.int32(0);
    file.int64(0);
    return file;
  }

  /** An array that announces so many strings, and has none. */
  static GgufWriter announcedStrings(String key, long announced) {
    GgufWriter file = new GgufWriter();
    file.key(key, ARRAY);
    file.int32(STRING);
    file.int64(announced);
    return file;
  }
}
