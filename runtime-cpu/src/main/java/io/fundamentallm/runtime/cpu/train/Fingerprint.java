package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.TokenSequence;
import io.fundamentallm.Tokenizer;
import io.fundamentallm.Vocabulary;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeSet;

/**
 * What a checkpoint writes down of its tokenizer and its tokens, to know them again: their number,
 * and the first 64 bits of a SHA-256.
 *
 * <p>Of up to 2²² tokens all are read. Of more, blocks of 4,096 tokens are, spread evenly from the
 * first to the last, that many tokens together: so the time does not grow with the text, and of a
 * mapped file only these pages are touched. A change that keeps the number of tokens and falls
 * between the blocks is not seen.
 */
final class Fingerprint {
  private static final int BLOCK = 1 << 12;
  private static final int BLOCKS = 1 << 10;

  private Fingerprint() {}

  /** Of tokens. */
  static String of(TokenSequence tokens) {
    MessageDigest digest = digest();
    int[] block = new int[BLOCK];
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * BLOCK);
    long blocks = Math.min(BLOCKS, (tokens.size() + BLOCK - 1) / BLOCK);
    long last = Math.max(0, tokens.size() - BLOCK); // where the last block begins
    for (long i = 0; i < blocks; i++) {
      boolean all = blocks < BLOCKS;
      long from = all ? i * BLOCK : evenly(i, last);
      int count = (int) Math.min(BLOCK, tokens.size() - from);
      tokens.read(from, block, 0, count);
      bytes.clear();
      bytes.asIntBuffer().put(block, 0, count);
      digest.update(bytes.limit(Integer.BYTES * count));
    }
    return text(tokens.size(), digest);
  }

  /** The beginning of one of all {@link #BLOCKS}; without overflow, however long the text. */
  private static long evenly(long block, long last) {
    long apart = last / (BLOCKS - 1);
    long rest = last % (BLOCKS - 1);
    return block * apart + block * rest / (BLOCKS - 1);
  }

  /** Of what a tokenizer's ids mean. How it cuts a text is seen in the tokens of the text. */
  static String of(Tokenizer tokenizer) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    MessageDigest digest = digest();
    for (int id = 0; id < vocabulary.size(); id++) {
      add(digest, vocabulary.token(id).getBytes(StandardCharsets.UTF_8));
      add(digest, tokenizer.bytes(id));
    }
    String roles =
        String.join(
            " ",
            vocabulary.bos().toString(),
            vocabulary.eos().toString(),
            vocabulary.pad().toString(),
            vocabulary.unk().toString(),
            new TreeSet<>(vocabulary.special()).toString());
    add(digest, roles.getBytes(StandardCharsets.UTF_8));
    return text(vocabulary.size(), digest);
  }

  private static void add(MessageDigest digest, byte[] bytes) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    digest.update(bytes);
  }

  private static String text(long size, MessageDigest digest) {
    return size + " tokens, SHA-256 " + HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
