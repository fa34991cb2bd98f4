package io.fundamentallm.runtime.cpu.train.window;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.TokenSequence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.TreeSet;
import java.util.zip.CRC32;

/**
 * What a checkpoint records of its tokenizer and its tokens, to recognise them: their number and a
 * CRC-32. This finds what was changed by mistake, and native code computes it from the first call
 * on.
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
    }
    return text(tokens.size(), checksum);
  }

  /** The beginning of one of all {@link #BLOCKS}; without overflow, however long the text. */
  private static long evenly(long block, long last) {
    long distance = last / (BLOCKS - 1);
    long rest = last % (BLOCKS - 1);
    return block * distance + block * rest / (BLOCKS - 1);
  }

  /**
   * The fingerprint of what a tokenizer's ids mean. How it cuts a text shows in the tokens of the
   * text.
   */
  public static String of(Tokenizer tokenizer) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    CRC32 checksum = new CRC32();
    for (int id = 0; id < vocabulary.size(); id++) {
      add(checksum, vocabulary.token(id).getBytes(StandardCharsets.UTF_8));
      add(checksum, tokenizer.bytes(id));
    }
    String roles =
        String.join(
            " ",
            vocabulary.bos().toString(),
            vocabulary.eos().toString(),
            vocabulary.pad().toString(),
            vocabulary.unk().toString(),
            new TreeSet<>(vocabulary.special()).toString());
    add(checksum, roles.getBytes(StandardCharsets.UTF_8));
    return text(vocabulary.size(), checksum);
  }

  private static void add(CRC32 checksum, byte[] bytes) {
    checksum.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    checksum.update(bytes);
  }

  private static String text(long size, CRC32 checksum) {
    return size + " tokens, CRC-32 " + HexFormat.of().toHexDigits((int) checksum.getValue());
  }
}
