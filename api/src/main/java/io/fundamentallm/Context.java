package io.fundamentallm;

import io.fundamentallm.ContextPolicy.Action;
import io.fundamentallm.ContextPolicy.Evict;
import io.fundamentallm.ContextPolicy.Reread;
import io.fundamentallm.ContextPolicy.Stop;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The session of one generation, and the tokens it holds, kept within the model's context. */
final class Context {
  private final LanguageModel model;
  private final ContextPolicy policy;
  private final float[][] rows = new float[1][];
  private @Nullable Session session;
  private int[] held = new int[64];
  private int length;

  /** The policy's answer for the next append, where it had to be asked ahead. */
  private @Nullable Action decided;

  private @Nullable RuntimeException refusal;

  Context(LanguageModel model, ContextPolicy policy) {
    this.model = model;
    this.policy = policy;
  }

  /**
   * Puts tokens before the model's eyes.
   *
   * @param row takes the logits after the last of them
   * @return false where the policy says to stop
   */
  boolean append(int[] tokens, float[] row, Cancellation cancellation) {
    int[] pending = tokens;
    if (length + tokens.length > model.info().contextLength()) {
      pending = makeRoom(tokens);
      if (pending.length == 0) {
        return false;
      }
    }
    if (session == null) {
      session = model.open();
    }
    rows[0] = row;
    model.forward(List.of(Append.of(session, pending, rows)), cancellation);
    if (length + pending.length > held.length) {
      held = Arrays.copyOf(held, Math.max(2 * held.length, length + pending.length));
    }
    System.arraycopy(pending, 0, held, length, pending.length);
    length += pending.length;
    return true;
  }

  /**
   * Whether the policy will stop before these tokens are appended. Asked as soon as a token was
   * chosen, so that the last token can carry the text still held back.
   */
  boolean endsBefore(int[] tokens) {
    if (length + tokens.length <= model.info().contextLength()) {
      return false;
    }
    try {
      decided = policy.onFull(with(tokens), model.info());
      return decided instanceof Stop;
    } catch (RuntimeException e) {
      refusal = e; // the token that was just chosen is still delivered
      return false;
    }
  }

  /** Follows the policy; returns the tokens left to append, none where it says to stop. */
  private int[] makeRoom(int[] tokens) {
    if (refusal != null) {
      throw refusal;
    }
    int[] full = with(tokens);
    Action action = decided == null ? policy.onFull(full.clone(), model.info()) : decided;
    decided = null;
    if (action instanceof Reread reread) {
      return reread(reread.tokens());
    } else if (action instanceof Evict evict) {
      return evict(full, evict.from(), evict.to());
    }
    if (action == null) {
      throw new IllegalStateException("the context policy answered null");
    }
    return new int[0];
  }

  private int[] evict(int[] full, int from, int to) {
    if (from < 0 || from > to || to > full.length) {
      throw new IllegalStateException(
          "the context policy evicts [" + from + ", " + to + ") of " + full.length + " tokens");
    }
    int[] kept = Arrays.copyOf(full, full.length - (to - from));
    System.arraycopy(full, to, kept, from, full.length - to);
    checkFits(kept.length);
    if (session != null && to <= length && model.info().capabilities().contains(Capability.EVICT)) {
      session.evict(from, to);
      System.arraycopy(held, to, held, from, length - to);
      length -= to - from;
      return Arrays.copyOfRange(kept, length, kept.length);
    }
    return reread(kept);
  }

  private int[] reread(int[] tokens) {
    checkFits(tokens.length);
    int common = 0;
    // at least one token is computed, for its logits
    while (common < Math.min(length, tokens.length - 1) && held[common] == tokens[common]) {
      common++;
    }
    if (session != null && common < length) {
      if (model.info().capabilities().contains(Capability.TRUNCATE)) {
        session.truncate(common);
      } else {
        session.close();
        session = null;
        common = 0;
      }
    }
    length = common;
    return Arrays.copyOfRange(tokens, common, tokens.length);
  }

  private void checkFits(int count) {
    if (count < 1 || count > model.info().contextLength()) {
      throw new IllegalStateException(
          "the context policy leaves "
              + count
              + " tokens; expected 1 to "
              + model.info().contextLength());
    }
  }

  private int[] with(int[] tokens) {
    int[] full = Arrays.copyOf(held, length + tokens.length);
    System.arraycopy(tokens, 0, full, length, tokens.length);
    return full;
  }

  void close() {
    if (session != null) {
      session.close();
      session = null;
    }
  }
}
