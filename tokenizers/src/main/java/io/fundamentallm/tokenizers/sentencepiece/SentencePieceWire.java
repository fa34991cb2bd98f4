package io.fundamentallm.tokenizers.sentencepiece;

import com.google.common.primitives.Ints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads fields of a protocol buffer message: a tag, then a value as long as the tag says. Every
 * length is checked against the message that contains it. One thread at a time.
 */
public final class SentencePieceWire {
  static final int VARINT = 0;
  static final int FIXED_64 = 1;
  public static final int BYTES = 2;
  static final int FIXED_32 = 5;

  private final String file;
  private final byte[] bytes;
  private final int end;
  private int at;

  public SentencePieceWire(String file, byte[] bytes) {
    this(file, bytes, 0, bytes.length);
  }

  private SentencePieceWire(String file, byte[] bytes, int at, int end) {
    this.file = file;
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  public boolean hasMore() {
    return at < end;
  }

  /** The offset of the next byte in the file. */
  int at() {
    return at;
  }

  /** Field number and wire type of the next field, as they are written: number × 8 + type. */
  public int tag() throws IOException {
    int start = at;
    long tag = varint();
    if (tag >>> 3 == 0 || tag > 0xFFFFFFFFL) {
      throw error(start, "no field has the tag " + Long.toUnsignedString(tag));
    }
    return (int) tag;
  }

  long varint() throws IOException {
    int start = at;
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == end) {
        throw error(start, "a number is cut off");
      }
      byte b = bytes[at++];
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw error(start, "a number has more than ten bytes");
  }

  boolean bool() throws IOException {
    return varint() != 0;
  }

  float fixedFloat() throws IOException {
    int start = at;
    skipBytes(start, 4);
    return Float.intBitsToFloat(
        Ints.fromBytes(bytes[start + 3], bytes[start + 2], bytes[start + 1], bytes[start]));
  }

  /** A message inside this one. */
  public SentencePieceWire message() throws IOException {
    int start = at;
    long length = varint();
    int from = at;
    skipBytes(start, length);
    return new SentencePieceWire(file, bytes, from, at);
  }

  public byte[] bytes() throws IOException {
    SentencePieceWire inner = message();
    return Arrays.copyOfRange(bytes, inner.at, inner.end);
  }

  /** The UTF-8 of a text, checked. */
  byte[] utf8() throws IOException {
    int start = at;
    byte[] text = bytes();
    decode(start, text);
    return text;
  }

  String text() throws IOException {
    int start = at;
    return decode(start, bytes());
  }

  private String decode(int start, byte[] text) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(error(start, "a text is not UTF-8").getMessage(), e);
    }
  }

  /** Skips the value of a field. */
  public void skip(int tag) throws IOException {
    int start = at;
    switch (tag & 7) {
      case VARINT -> varint();
      case FIXED_64 -> skipBytes(start, 8);
      case BYTES -> message();
      case FIXED_32 -> skipBytes(start, 4);
      default -> throw error(start, "field " + (tag >>> 3) + " has the wire type " + (tag & 7));
    }
  }

  private void skipBytes(int start, long length) throws IOException {
    if (length < 0 || length > end - at) {
      throw error(
          start,
          Long.toUnsignedString(length) + " bytes are announced, but " + (end - at) + " left");
    }
    at += (int) length;
  }

  IOException error(int at, String what) {
    return new IOException(file + ", byte " + at + ": " + what);
  }
}
