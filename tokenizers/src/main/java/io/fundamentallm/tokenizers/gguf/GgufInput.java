package io.fundamentallm.tokenizers.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Numbers and strings one after the other from a file that may be much larger than memory. Every
 * length is checked against the file before memory is taken. One thread at a time.
 */
final class GgufInput {
  private final String file;
  private final FileChannel channel;
  private final long size;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  /** The offset in the file of what the buffer ends with. */
  private long bufferEnd;

  GgufInput(String file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    size = channel.size();
    buffer.limit(0);
  }

  long at() {
    return bufferEnd - buffer.remaining();
  }

  void order(ByteOrder order) {
    buffer.order(order);
  }

  long left() {
    return size - at();
  }

  int int8() throws IOException {
    need(1);
    return buffer.get();
  }

  int int16() throws IOException {
    need(2);
    return buffer.getShort();
  }

  int int32() throws IOException {
    need(4);
    return buffer.getInt();
  }

  long int64() throws IOException {
    need(8);
    return buffer.getLong();
  }

  /** How many elements follow, each of at least so many bytes. */
  long count(int bytesEach, boolean wide) throws IOException {
    long start = at();
    long count = wide ? int64() : int32() & 0xFFFFFFFFL;
    if (count < 0 || count > left() / bytesEach) {
      throw error(
          start,
          Long.toUnsignedString(count)
              + " elements of "
              + bytesEach
              + " bytes or more are announced, but only "
              + left()
              + " bytes are left");
    }
    return count;
  }

  String string(boolean wide, int most) throws IOException {
    long start = at();
    long length = count(1, wide);
    if (length > most) {
      throw error(start, "a string of " + length + " bytes; " + most + " would be the most");
    }
    byte[] bytes = new byte[(int) length];
    int got = Math.min(bytes.length, buffer.remaining());
    buffer.get(bytes, 0, got);
    while (got < bytes.length) {
      need(1);
      int part = Math.min(bytes.length - got, buffer.remaining());
      buffer.get(bytes, got, part);
      got += part;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(error(start, "a string is not UTF-8").getMessage(), e);
    }
  }

  void skip(long bytes) throws IOException {
    if (bytes < 0 || bytes > left()) {
      throw error(at(), bytes + " bytes are announced, but only " + left() + " are left");
    }
    if (bytes <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) bytes);
    } else {
      long target = at() + bytes;
      buffer.limit(0);
      channel.position(target);
      bufferEnd = target;
    }
  }

  private void need(int bytes) throws IOException {
    if (buffer.remaining() >= bytes) {
      return;
    }
    long start = at();
    buffer.compact();
    while (buffer.position() < bytes) {
      int read = channel.read(buffer);
      if (read < 0) {
        throw error(start, "the file ends in the middle of a value");
      }
      bufferEnd += read;
    }
    buffer.flip();
  }

  IOException error(long at, String what) {
    return new IOException(file + ", byte " + at + ": " + what);
  }
}
