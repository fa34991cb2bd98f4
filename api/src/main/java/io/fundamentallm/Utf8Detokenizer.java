package io.fundamentallm;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Concatenates the tokens' bytes and emits the code points that are complete. */
final class Utf8Detokenizer implements Detokenizer {
  private static final byte[] NOTHING = {};

  private final Tokenizer tokenizer;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);

  /** Bytes held back after each token, so that rolling back restores them. */
  private byte[][] pendingAfter;

  private int accepted;

  Utf8Detokenizer(Tokenizer tokenizer) {
    this(tokenizer, new byte[16][], 0);
  }

  private Utf8Detokenizer(Tokenizer tokenizer, byte[][] pendingAfter, int accepted) {
    this.tokenizer = tokenizer;
    this.pendingAfter = pendingAfter;
    this.accepted = accepted;
  }

  @Override
  public String append(int token) {
    byte[] before = pending();
    byte[] added = tokenizer.bytes(token);
    ByteBuffer bytes = ByteBuffer.allocate(before.length + added.length);
    bytes.put(before).put(added).flip();
    CharBuffer text = CharBuffer.allocate(bytes.remaining());
    decoder.reset().decode(bytes, text, false);
    if (accepted == pendingAfter.length) {
      pendingAfter = Arrays.copyOf(pendingAfter, accepted * 2);
    }
    byte[] left = NOTHING;
    if (bytes.hasRemaining()) {
      left = new byte[bytes.remaining()];
      bytes.get(left);
    }
    pendingAfter[accepted++] = left;
    return text.flip().toString();
  }

  @Override
  public String finish() {
    byte[] left = pending();
    return left.length == 0 ? "" : new String(left, StandardCharsets.UTF_8);
  }

  @Override
  public Detokenizer fork() {
    return new Utf8Detokenizer(tokenizer, pendingAfter.clone(), accepted);
  }

  @Override
  public void rollback(int tokens) {
    if (tokens < 0 || tokens > accepted) {
      throw new IllegalArgumentException(
          "cannot roll back " + tokens + " of " + accepted + " tokens");
    }
    accepted -= tokens;
  }

  private byte[] pending() {
    return accepted == 0 ? NOTHING : pendingAfter[accepted - 1];
  }
}
