package io.fundamentallm.samplers.constraint.automaton;

import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import io.fundamentallm.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Program} read token by token: which tokens may follow a state, and which one is certain.
 * Shared by all generations with one vocabulary; remembers what it has computed, within {@link
 * Limits}. Thread-safe: a mask that is known is read without a lock.
 */
final class TokenAutomaton {
  /** The most certain bytes to look at; a run of that length is assumed not to end. */
  private static final int LONGEST_RUN = 256;

  private final String name;
  private final Machine machine;
  private final TokenTrie.Pair tries;
  private final int vocabularySize;
  private final int[] endTokens;

  private long maskBytes;
  private long @Nullable [] firstMask;
  private boolean firstForcedKnown;
  private int firstForced = -1;

  /**
   * A new automaton.
   *
   * @param vocabularySize how many logits the model has
   * @param endTokens ascending
   */
  TokenAutomaton(
      String name, Program program, TokenTrie.Pair tries, int vocabularySize, int[] endTokens) {
    this.name = name;
    this.tries = tries;
    this.machine = new Machine(program, Math.max(tries.first().longest(), tries.inner().longest()));
    this.vocabularySize = vocabularySize;
    this.endTokens = endTokens;
  }

  synchronized State start() {
    return machine.start();
  }

  boolean isEnd(int token) {
    return Arrays.binarySearch(endTokens, token) >= 0;
  }

  /**
   * The state after a token that is not an end token; null if it cannot follow.
   *
   * @param first whether it is the first of the text
   */
  synchronized @Nullable State after(State state, int token, boolean first) {
    byte[] bytes = token < vocabularySize ? trie(first).bytes(token) : new byte[0];
    State after = bytes.length == 0 ? null : state;
    machine.begin();
    for (int i = 0; i < bytes.length && after != null; i++) {
      after = machine.step(after, bytes[i] & 0xFF);
    }
    if (machine.isFull()) {
      forget();
    }
    return after;
  }

  private TokenTrie trie(boolean first) {
    return first ? tries.first() : tries.inner();
  }

  /** Whether the first token of a text has different bytes and so a different mask. */
  private boolean isSpecial(boolean first) {
    return first && tries.first() != tries.inner();
  }

  /**
   * The tokens that may follow; never empty. A mask that fails is not remembered.
   *
   * @throws ConstraintException if there are none, or they take too many steps
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  long[] mask(State state, boolean first) {
    long[] known = isSpecial(first) ? null : state.mask;
    return known == null ? compute(state, first) : known;
  }

  private synchronized long[] compute(State state, boolean first) {
    machine.begin();
    if (isSpecial(first)) {
      if (firstMask == null) {
        firstMask = collect(state, true);
      }
      return Objects.requireNonNull(firstMask, "the whole stack was not enough");
    }
    State blurred = machine.blurred(state);
    long[] mask = blurred.mask;
    while (mask == null) {
      mask = collect(blurred, false);
      if (mask == null) {
        machine.widenHorizon();
        blurred = machine.blurred(state);
        mask = blurred.mask;
      } else {
        blurred.mask = mask;
        maskBytes += 8L * mask.length;
      }
    }
    state.mask = mask;
    if (machine.isFull() || maskBytes > Limits.REMEMBERED_MASKS) {
      forget();
    }
    return mask;
  }

  /**
   * A mask without the tokens by which an object of a JSON text would have a name twice; never
   * empty.
   *
   * @throws ConstraintException if there are no others
   */
  long[] distinct(long[] mask, TextNames names, boolean first) {
    long[] rest = trie(first).distinct(names, mask);
    if (rest == mask) {
      return mask;
    }
    for (int end : endTokens) { // it ends the text, regardless of its bytes
      rest[end >> 6] |= mask[end >> 6] & 1L << end;
    }
    if (Arrays.stream(rest).allMatch(word -> word == 0)) {
      throw new ConstraintException(
          "no token of the vocabulary can continue the text of \""
              + name
              + "\": each would give an object a name that it has");
    }
    return rest;
  }

  /** The names after a token that can follow; null if one would occur twice. */
  @Nullable TextNames after(TextNames names, int token, boolean first) {
    return names.after(trie(first).bytes(token));
  }

  private void forget() {
    machine.forget();
    machine.resetHorizon(); // one deep text, long forgotten, must not slow down others
    maskBytes = 0;
  }

  /** Null if the state's stack was cut too short to tell. */
  private long @Nullable [] collect(State state, boolean first) {
    long[] mask = new long[(vocabularySize + 63) >> 6];
    if (!trie(first).collect(machine, state, mask)) {
      return null;
    }
    for (int token = vocabularySize; token < mask.length << 6; token++) {
      mask[token >> 6] &= ~(1L << token);
    }
    for (int end : endTokens) {
      mask[end >> 6] &= ~(1L << end);
      mask[end >> 6] |= state.accepts() ? 1L << end : 0;
    }
    for (long word : mask) {
      if (word != 0) {
        return mask;
      }
    }
    throw new ConstraintException(
        state.accepts()
            ? "the text of \""
                + name
                + "\" is complete, and the model has no end token to say so: end the generation"
                + " with a stop condition, allow no more tokens than the text has, or take a"
                + " tokenizer with an end token (in a runtime of your own, ModelInfo.endTokens"
                + " names it)"
            : "no token of the vocabulary can continue the text of \""
                + name
                + "\": it lacks the characters that must come next, or has them only after a"
                + " blank, as where every word begins with one: then let the text begin with it");
  }

  /** The token that is certain, or {@link Sampler#NOT_FORCED}. */
  synchronized int forced(State state, boolean first, Tokenizer tokenizer) {
    if (isSpecial(first)) {
      if (!firstForcedKnown) {
        firstForced = computeForced(state, true, tokenizer);
        firstForcedKnown = true;
      }
      return firstForced;
    }
    if (!state.forcedKnown) {
      state.forced = computeForced(state, false, tokenizer);
      state.forcedKnown = true;
    }
    return state.forced;
  }

  private int computeForced(State state, boolean first, Tokenizer tokenizer) {
    if (!state.continues()) {
      return state.accepts() && endTokens.length > 0 ? endTokens[0] : Sampler.NOT_FORCED;
    }
    machine.begin();
    byte[] run = new byte[LONGEST_RUN];
    int length = 0;
    State at = state;
    while (length < LONGEST_RUN && !at.accepts()) {
      int only = machine.onlyByte(at);
      State after = only < 0 ? null : machine.step(at, only);
      if (after == null) {
        break;
      }
      run[length++] = (byte) only;
      at = after;
    }
    boolean ends = at.accepts() && !at.continues();
    int token = length == 0 ? -1 : firstOf(Arrays.copyOf(run, length), ends, first, tokenizer);
    return token < vocabularySize && !isEnd(token) ? token : -1;
  }

  /**
   * The first token of a run, as the tokenizer splits it or, if that gives other bytes, the
   * longest; -1 if it would be the last of a run that continues, since it may be part of a longer
   * token.
   */
  private int firstOf(byte[] run, boolean ends, boolean first, Tokenizer tokenizer) {
    int[] tokens = encode(run, first, tokenizer);
    if (tokens.length > 0) {
      return tokens.length > 1 || ends ? tokens[0] : -1;
    }
    int token = trie(first).longestPrefix(run);
    return token >= 0 && (ends || trie(first).bytes(token).length < run.length) ? token : -1;
  }

  /** The tokenizer's tokens for a run; none if they have other bytes. */
  private int[] encode(byte[] run, boolean first, Tokenizer tokenizer) {
    int[] tokens;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(run)).toString();
      tokens = tokenizer.encode(text);
    } catch (CharacterCodingException | IllegalArgumentException e) {
      return new int[0]; // part of a character, or one that the tokenizer lacks
    }
    int at = 0;
    for (int i = 0; i < tokens.length; i++) {
      byte[] bytes = trie(first && i == 0).bytes(tokens[i]);
      if (bytes.length == 0
          || at + bytes.length > run.length
          || !Arrays.equals(run, at, at + bytes.length, bytes, 0, bytes.length)) {
        return new int[0];
      }
      at += bytes.length;
    }
    return at == run.length ? tokens : new int[0];
  }
}
