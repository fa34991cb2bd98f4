package io.fundamentallm.runtime.cpu.train.window;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.fundamentallm.training.TokenSequence;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * What a checkpoint records of its tokens, to recognise them: their number and a CRC-32 of them and
 * of their marks; and what identifies a teacher's expectations. This finds what was changed by
 * mistake, and native code computes it from the first call on.
 *
 * <p>Up to 2²² tokens are all read. Of more tokens, blocks of 4,096 are read, spread evenly from
 * the first to the last, 2²² tokens in all. So the time does not grow with the text, and only these
 * pages of a mapped file are touched. A change that keeps the number of tokens and falls between
 * the blocks is not noticed.
 */
public final class Fingerprint {
  private static final int BLOCK = 1 << 12;
  private static final int BLOCKS = 1 << 10;

  private Fingerprint() {}

  /** The fingerprint of tokens. */
  public static String of(TokenSequence tokens) {
    CRC32 checksum = new CRC32();
    int[] block = new int[BLOCK];
    byte[] marks = new byte[BLOCK];
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * BLOCK).order(LITTLE_ENDIAN);
    long blocks = Math.min(BLOCKS, (tokens.size() + BLOCK - 1) / BLOCK);
    long last = Math.max(0, tokens.size() - BLOCK); // where the last block begins
    for (long i = 0; i < blocks; i++) {
      boolean all = blocks < BLOCKS;
      long from = all ? i * BLOCK : evenly(i, last);
      int count = (int) Math.min(BLOCK, tokens.size() - from);
      tokens.read(from, block, 0, count);
      bytes.clear();
      bytes.asIntBuffer().put(block, 0, count);
      checksum.update(bytes.limit(Integer.BYTES * count));
      tokens
          .marks()
          .ifPresent(
              learned -> {
                learned.read(from, marks, 0, count);
                checksum.update(marks, 0, count);
              });
    }
    String text = text(tokens.size(), checksum);
    return tokens.teacher().map(teacher -> text + ", " + teacher.fingerprint()).orElse(text);
  }

  /** The beginning of one of all {@link #BLOCKS}; without overflow, however long the text. */
  private static long evenly(long block, long last) {
    long distance = last / (BLOCKS - 1);
    long rest = last % (BLOCKS - 1);
    return block * distance + block * rest / (BLOCKS - 1);
  }

  private static String text(long size, CRC32 checksum) {
    return size + " tokens, CRC-32 " + HexFormat.of().toHexDigits((int) checksum.getValue());
  }
}
