package io.fundamentallm.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** Collects files up to a size in UTF-8, and cuts the last of them between two code points. */
final class CappedText {
  private final int limit;
  private final ByteArrayOutputStream utf8;

  CappedText(int limit) {
    this.limit = limit;
    this.utf8 = new ByteArrayOutputStream(limit + 1024);
  }

  boolean isFull() {
    return utf8.size() >= limit;
  }

  /** Adds a file's bytes; leaves out a file that is not UTF-8. */
  void add(byte[] file) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(file));
    } catch (CharacterCodingException e) {
      return;
    }
    utf8.writeBytes(file);
  }

  /** What was added, at most as long as the limit. */
  String text() {
    byte[] bytes = utf8.toByteArray();
    int end = Math.min(limit, bytes.length);
    while (end > 0 && end < bytes.length && (bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, UTF_8);
  }
}
