package io.fundamentallm.training;

import io.fundamentallm.internal.files.ReadablePath;
import io.fundamentallm.internal.files.Uninterrupted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Little-endian token ids of 16 or 32 bits in a mapped file of any length. The mappings keep the
 * file open and are released when the sequence is garbage collected.
 */
final class MappedTokens implements TokenSequence {
  /** A buffer holds at most 2 GiB; a segment is half of that, in bits. */
  private static final int SEGMENT_BITS = 30;

  private final Path file;
  private final ByteBuffer[] segments;
  private final int segmentBits;
  private final long size;
  private final int vocabularySize;
  private final int width;

  private MappedTokens(
      Path file, ByteBuffer[] segments, int segmentBits, long size, int vocabularySize, int width) {
    this.file = file;
    this.segments = segments;
    this.segmentBits = segmentBits;
    this.size = size;
    this.vocabularySize = vocabularySize;
    this.width = width;
  }

  static MappedTokens open(Path file, int vocabularySize, int width) throws IOException {
    return open(file, vocabularySize, width, SEGMENT_BITS);
  }

  /** Maps segments of 2^bits bytes, at least one token. */
  static MappedTokens open(Path file, int vocabularySize, int width, int bits) throws IOException {
    return Uninterrupted.read(() -> map(file, vocabularySize, width, bits));
  }

  private static MappedTokens map(Path file, int vocabularySize, int width, int bits)
      throws IOException {
    ReadablePath.requireFile(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = channel.size();
      if (bytes % width != 0) {
        throw new IOException(
            file
                + ": "
                + bytes
                + " bytes are no whole number of tokens of "
                + width
                + " bytes: cut short, or made for another vocabulary");
      }
      ByteBuffer[] segments = new ByteBuffer[Math.toIntExact((bytes + (1L << bits) - 1) >>> bits)];
      for (int i = 0; i < segments.length; i++) {
        long begin = (long) i << bits;
        segments[i] =
            channel
                .map(MapMode.READ_ONLY, begin, Math.min(1L << bits, bytes - begin))
                .order(ByteOrder.LITTLE_ENDIAN);
      }
      return new MappedTokens(file, segments, bits, bytes / width, vocabularySize, width);
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long from, int[] into, int offset, int count) {
    Objects.checkFromIndexSize(from, count, size);
    Objects.checkFromIndexSize(offset, count, into.length);
    try {
      for (int done = 0; done < count; ) {
        long at = (from + done) * width;
        ByteBuffer segment = segments[(int) (at >>> segmentBits)];
        int begin = (int) (at & (1L << segmentBits) - 1);
        int part = Math.min(count - done, (segment.capacity() - begin) / width);
        copy(segment, begin, into, offset + done, part);
        done += part;
      }
    } catch (InternalError e) {
      // what the JVM throws when a mapped page no longer exists
      throw unreadable("the file became shorter while it was read", e);
    }
    check(from, into, offset, count);
  }

  private void copy(ByteBuffer segment, int begin, int[] into, int offset, int count) {
    if (width == Integer.BYTES) {
      for (int i = 0; i < count; i++) {
        into[offset + i] = segment.getInt(begin + i * Integer.BYTES);
      }
    } else {
      for (int i = 0; i < count; i++) {
        into[offset + i] = segment.getShort(begin + i * Short.BYTES) & 0xFFFF;
      }
    }
  }

  private void check(long from, int[] into, int offset, int count) {
    for (int i = 0; i < count; i++) {
      int token = into[offset + i];
      if (token < 0 || token >= vocabularySize) {
        throw unreadable(
            "token "
                + Integer.toUnsignedString(token)
                + " at byte "
                + (from + i) * width
                + " is not in the vocabulary of "
                + vocabularySize,
            null);
      }
    }
  }

  private UncheckedIOException unreadable(String what, @Nullable Throwable cause) {
    return new UncheckedIOException(new IOException(file + ": " + what, cause));
  }
}
