package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.ContextWindow;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.DraftProposer;
import io.fundamentallm.decoding.DraftProposer.Draft;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.decoding.TokenSource;
import io.fundamentallm.decoding.Transcript;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A guess, one pass over it, and then a token for each call, decided from the row that the pass
 * left for it, until one differs from the guess. Stages see each token only once it is decided, so
 * they have nothing to take back; the wrong part of the window is cut off.
 */
final class SpeculativeSource implements TokenSource {
  private static final long ACCEPT = Randomness.purpose("speculative-accept");
  private static final long RESIDUAL = Randomness.purpose("speculative-residual");
  private static final float[][] NO_ROWS = {};
  private static final Draft NO_DRAFT = new Draft(List.of(), List.of());

  private final DecodingOptions options;
  private final SpeculativeDecoder decoder;
  private final Transcript transcript;
  private final ContextWindow window;
  private final DraftProposer proposer;
  private final int vocabularySize;

  /** Made on first use: by the number of rows requested, the same rows again and again. */
  private final float[][][] rows;

  /** How many tokens to draft next. */
  private int draftLength;

  private boolean started;
  private Draft draft = NO_DRAFT;

  /** The window's length before the draft. */
  private int base;

  /** The next row of the pass to decide on; there are none left after the draft's last. */
  private int at = 1;

  private long drafted;
  private long accepted;

  SpeculativeSource(
      LanguageModel model,
      DecodingOptions options,
      SpeculativeDecoder decoder,
      Transcript transcript,
      DraftProposer proposer) {
    this.options = options;
    this.decoder = decoder;
    this.transcript = transcript;
    this.proposer = proposer;
    window = ContextWindow.of(model, options);
    window.add(transcript.history().tokens(0, transcript.history().length()));
    vocabularySize = model.info().vocabularySize();
    rows = new float[decoder.tokens() + 2][][];
    draftLength = decoder.tokens();
  }

  @Override
  public @Nullable Token next(Cancellation cancellation) {
    if (transcript.finishReason() != null || transcript.endsBeforeItBegins()) {
      return null;
    }
    if (at > draft.tokens().size()) {
      int forced =
          started && !transcript.reportsProbabilities() ? transcript.forced() : Sampler.NOT_FORCED;
      if (forced != Sampler.NOT_FORCED) {
        return transcript.append(forced, window);
      }
      if (!read(cancellation)) {
        transcript.finish(FinishReason.CONTEXT_FULL);
        return null;
      }
    }
    return decide();
  }

  /** One pass over the last decided token and the guess; false if the policy stops. */
  private boolean read(Cancellation cancellation) {
    draft = started ? guess(cancellation) : NO_DRAFT;
    int count = draft.tokens().size();
    for (int i = 0; i < count; i++) {
      window.add(draft.tokens().get(i));
    }
    if (!window.read(rows(count + 1), NO_ROWS, cancellation)) {
      return false;
    }
    base = window.length() - count;
    at = 0;
    drafted += count;
    if (!started) {
      started = true;
      window.share();
    }
    return true;
  }

  /** A draft that neither fills the context nor goes beyond what will be generated. */
  private Draft guess(Cancellation cancellation) {
    int wanted = options.maxNewTokens() - transcript.history().generated() - 1;
    int max = Math.min(draftLength, Math.min(window.remaining(), wanted));
    if (max < 1) {
      return NO_DRAFT;
    }
    Draft guess = proposer.propose(transcript, max, cancellation);
    if (guess.tokens().size() > max) {
      throw new IllegalStateException(
          proposer + " drafted " + guess.tokens().size() + " tokens; expected at most " + max);
    }
    for (int i = 0; i < guess.tokens().size(); i++) {
      int token = guess.tokens().get(i);
      if (token < 0 || token >= vocabularySize) {
        throw new IllegalStateException(
            proposer + " drafted token " + token + "; expected one of [0, " + vocabularySize + ")");
      }
      if (!guess.distributions().isEmpty()
          && !(guess.distributions().get(i).probability(token) > 0)) {
        throw new IllegalStateException(
            proposer + " drafted token " + token + ", which has no probability where it was drawn");
      }
    }
    return guess;
  }

  private float[][] rows(int count) {
    float[][] some = rows[count];
    if (some == null) {
      some = new float[count][];
      for (int i = 0; i < count; i++) {
        some[i] = row(i);
      }
      rows[count] = some;
    }
    return some;
  }

  /** A row that the others with this index share. */
  private float[] row(int index) {
    for (float[][] some : rows) {
      if (some != null && some.length > index) {
        return some[index];
      }
    }
    return new float[vocabularySize];
  }

  /** The token for the next row. */
  private Token decide() {
    int count = draft.tokens().size();
    int index = at++;
    float[] row = rows(count + 1)[index];
    int guess = index < count ? draft.tokens().get(index) : -1;
    int token = guess < 0 || !decoder.rejection() ? transcript.choose(row) : verify(row, index);
    if (token != guess) {
      settle(index);
      return transcript.append(token, window);
    }
    accepted++;
    Token result = transcript.append(token, null); // the window has it already
    if (transcript.finishReason() != null) {
      settle(index + 1);
    }
    return result;
  }

  /** Keeps the guessed token, or draws again from what it left. */
  private int verify(float[] row, int index) {
    int guess = draft.tokens().get(index);
    Distribution p = transcript.distribution(row);
    Distribution q =
        draft.distributions().isEmpty()
            ? Distribution.certain(guess)
            : draft.distributions().get(index);
    Randomness randomness = transcript.randomness();
    long position = transcript.history().length();
    int token =
        randomness.uniform(position, ACCEPT) < RejectionSampling.acceptance(p, q, guess)
            ? guess
            : RejectionSampling.residual(p, q).draw(randomness.uniform(position, RESIDUAL));
    if (transcript.reportsProbabilities()) {
      transcript.recordProcessed(StrictMath.log(p.probability(token)));
    }
    return token;
  }

  /** Drops what follows the accepted part of the draft, and learns from how long that part was. */
  private void settle(int right) {
    int count = draft.tokens().size();
    window.truncate(base + right);
    if (count > 0) {
      draftLength =
          right == count
              ? Math.min(decoder.tokens(), draftLength + 2)
              : Math.max(1, draftLength - 1);
    }
    draft = NO_DRAFT;
    at = 1;
  }

  @Override
  public @Nullable FinishReason finishReason() {
    return transcript.finishReason();
  }

  @Override
  public List<GeneratedSequence> sequences() {
    return List.of(transcript.toSequence(Double.NaN));
  }

  @Override
  public int cachedTokens() {
    return window.cachedTokens();
  }

  @Override
  public long draftedTokens() {
    return drafted;
  }

  @Override
  public long acceptedTokens() {
    return accepted;
  }

  @Override
  public void close() {
    try {
      if (transcript.finishReason() != null) {
        window.share();
      }
    } finally {
      window.close();
      proposer.close();
    }
  }
}
