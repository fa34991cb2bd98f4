package io.fundamentallm.internal.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads numbers and strings in sequence from a file that may be much larger than memory. Every
 * length is checked against the file before memory is allocated. One thread at a time.
 */
public final class GgufInput {
  private static final String TORN = ": it is torn or damaged; copy or download it again";

  private final Path file;
  private final FileChannel channel;
  private final long size;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  /** Whether counts and lengths have 64 bits; they do not in version 1. */
  private boolean wide = true;

  /** The offset in the file of the buffer's end. */
  private long bufferEnd;

  public GgufInput(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    size = channel.size();
    buffer.limit(0);
  }

  /** The byte order of the numbers that follow. */
  void order(ByteOrder order) {
    buffer.order(order);
  }

  /** Whether the counts and lengths that follow have 64 bits, or 32. */
  void wide(boolean wide) {
    this.wide = wide;
  }

  /** How many bytes a count or a length has. */
  int countBytes() {
    return wide ? Long.BYTES : Integer.BYTES;
  }

  /** Reads a count or a length. */
  long count() throws IOException {
    return wide ? int64() : int32() & 0xFFFFFFFFL;
  }

  public long at() {
    return bufferEnd - buffer.remaining();
  }

  public long left() {
    return size - at();
  }

  public int int8() throws IOException {
    need(1);
    return buffer.get();
  }

  public int int16() throws IOException {
    need(2);
    return buffer.getShort();
  }

  public int int32() throws IOException {
    need(4);
    return buffer.getInt();
  }

  public long int64() throws IOException {
    need(8);
    return buffer.getLong();
  }

  /** How many elements follow, each of at least the given number of bytes. */
  public long count(int bytesEach) throws IOException {
    long start = at();
    long count = count();
    if (count < 0 || count > left() / bytesEach) {
      throw error(
          start,
          Long.toUnsignedString(count)
              + " elements of "
              + bytesEach
              + " bytes or more are announced, but only "
              + left()
              + " bytes are left"
              + TORN);
    }
    return count;
  }

  public String string(int max) throws IOException {
    long start = at();
    long length = count(1);
    if (length > max) {
      throw error(start, "a string of " + length + " bytes; " + max + " is the most allowed");
    }
    byte[] bytes = new byte[(int) length];
    for (int filled = 0; filled < bytes.length; ) {
      need(1);
      int part = Math.min(bytes.length - filled, buffer.remaining());
      buffer.get(bytes, filled, part);
      filled += part;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw (IOException) error(start, "a string is not UTF-8").initCause(e);
    }
  }

  public void skip(long bytes) throws IOException {
    if (bytes < 0 || bytes > left()) {
      throw error(at(), bytes + " bytes are announced, but only " + left() + " are left" + TORN);
    }
    if (bytes <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) bytes);
    } else {
      bufferEnd = at() + bytes;
      buffer.limit(0);
    }
  }

  private void need(int bytes) throws IOException {
    if (buffer.remaining() >= bytes) {
      return;
    }
    long start = at();
    buffer.compact();
    while (buffer.position() < bytes) {
      int read = channel.read(buffer, bufferEnd);
      if (read < 0) {
        throw error(start, "the file ends in the middle of a value" + TORN);
      }
      bufferEnd += read;
    }
    buffer.flip();
  }

  /** An error that names file and offset. */
  public IOException error(long at, String what) {
    return new IOException(file + ": at byte " + at + " " + what);
  }
}
