package io.fundamentallm.training;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * The beginning of a {@link TeacherFile}: 32-bit numbers, little-endian, as all of the file. After
 * it each token has K ids, then K negative log-probabilities as floats.
 *
 * @param count K
 * @param size how many tokens
 * @param tokens a checksum of the tokens and their marks
 * @param teacher a checksum of some of the teacher's logits
 */
record TeacherHeader(int count, long size, int tokens, int teacher) {
  static final int INTS = 16;
  private static final int MAGIC = 0x54_4C_46_31; // "1FLT" in the file
  private static final int BLOCK = 1 << 12;

  static TeacherHeader of(int count, TokenSequence tokens, float[] logits) {
    CRC32 teacher = new CRC32();
    ByteBuffer bytes = buffer(logits.length);
    bytes.asFloatBuffer().put(logits);
    teacher.update(bytes);
    return new TeacherHeader(count, tokens.size(), checksum(tokens), positive(teacher));
  }

  private static int checksum(TokenSequence tokens) {
    CRC32 checksum = new CRC32();
    int[] block = new int[BLOCK];
    byte[] marks = new byte[BLOCK];
    for (long from = 0; from < tokens.size(); from += BLOCK) {
      int count = (int) Math.min(BLOCK, tokens.size() - from);
      long at = from;
      tokens.read(from, block, 0, count);
      ByteBuffer bytes = buffer(count);
      bytes.asIntBuffer().put(block, 0, count);
      checksum.update(bytes);
      tokens
          .marks()
          .ifPresent(
              all -> {
                all.read(at, marks, 0, count);
                checksum.update(marks, 0, count);
              });
    }
    return positive(checksum);
  }

  /** The file's numbers are not negative, as tokens are not. */
  private static int positive(CRC32 checksum) {
    return (int) checksum.getValue() & Integer.MAX_VALUE;
  }

  static ByteBuffer buffer(int ints) {
    return ByteBuffer.allocate(Integer.BYTES * ints).order(ByteOrder.LITTLE_ENDIAN);
  }

  void writeTo(FileChannel channel) throws IOException {
    ByteBuffer bytes = buffer(INTS);
    bytes.asIntBuffer().put(ints());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private int[] ints() {
    int[] ints = new int[INTS];
    ints[0] = MAGIC;
    ints[1] = count;
    ints[2] = (int) size & Integer.MAX_VALUE;
    ints[3] = (int) (size >>> 31);
    ints[4] = tokens;
    ints[5] = teacher;
    return ints;
  }

  /** Whether a file is empty or one of a teacher, so that nothing else is lost with it. */
  static boolean mayReplace(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] first = in.readNBytes(Integer.BYTES);
      return first.length == 0
          || (first.length == Integer.BYTES
              && ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getInt() == MAGIC);
    }
  }

  /** Whether a file begins like this and has the length that this asks for. */
  boolean isOf(Path file) throws IOException {
    if (Files.size(file) != Integer.BYTES * (INTS + 2L * count * size)) {
      return false;
    }
    int[] found = new int[INTS];
    numbers(file).read(0, found, 0, INTS);
    return Arrays.equals(found, ints());
  }

  private static TokenSequence numbers(Path file) throws IOException {
    return MappedTokens.open(file, Integer.MAX_VALUE, Integer.BYTES);
  }

  /** What is after it. */
  TeacherTokens open(Path file) throws IOException {
    TokenSequence numbers = numbers(file);
    return new TeacherTokens() {
      @Override
      public int count() {
        return count;
      }

      @Override
      public void read(long from, int[] ids, float[] logProbabilities, int offset, int many) {
        int[] logs = new int[count];
        for (int i = 0; i < many; i++) {
          long at = INTS + 2L * count * (from + i);
          int to = count * (offset + i);
          numbers.read(at, ids, to, count);
          numbers.read(at + count, logs, 0, count);
          for (int j = 0; j < count; j++) {
            logProbabilities[to + j] = -Float.intBitsToFloat(logs[j]);
          }
        }
      }

      @Override
      public String fingerprint() {
        return count
            + " likeliest, tokens "
            + Integer.toHexString(tokens)
            + ", teacher "
            + Integer.toHexString(teacher);
      }
    };
  }
}
