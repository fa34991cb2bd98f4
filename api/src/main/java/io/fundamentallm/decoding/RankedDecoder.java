package io.fundamentallm.decoding;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Runs another decoder to its end, and delivers the sequence that a ranking puts first. */
record RankedDecoder(Decoder decoder, UnaryOperator<List<GeneratedSequence>> ranking)
    implements Decoder {
  RankedDecoder {
    requireNonNull(ranking, "ranking");
  }

  @Override
  public Generation decode(LanguageModel model, int[] prompt, DecodingOptions options) {
    long seed = Generations.seed(options);
    DecodingOptions seeded = options.toBuilder().seed(seed).build();
    Source source = new Source(this, model, prompt, seeded);
    return Generations.of(source, options, seed, prompt.length);
  }

  private static final class Source extends SearchSource {
    private final Generation generation;
    private final UnaryOperator<List<GeneratedSequence>> ranking;

    /**
     * The cancellation of the call under way: closing the outer generation must reach the inner
     * pass.
     */
    private volatile Cancellation cancellation = Cancellation.none();

    Source(RankedDecoder ranked, LanguageModel model, int[] prompt, DecodingOptions options) {
      ranking = ranked.ranking;
      DecodingOptions cancellable =
          options.toBuilder().cancellation(() -> cancellation.isCancelled()).build();
      generation = ranked.decoder.decode(model, prompt, cancellable);
    }

    @Override
    protected List<GeneratedSequence> search(Cancellation cancellation) {
      this.cancellation = cancellation;
      generation.forEachRemaining(token -> {});
      cancellation.throwIfCancelled();
      List<GeneratedSequence> ranked = ranking.apply(generation.sequences());
      if (ranked == null || ranked.isEmpty() || ranked.stream().anyMatch(Objects::isNull)) {
        throw new IllegalStateException(
            "the ranking must leave at least one sequence, and no null, but left " + ranked);
      }
      return List.copyOf(ranked);
    }

    @Override
    public int cachedTokens() {
      return generation.summary().cachedTokens();
    }

    @Override
    public long draftedTokens() {
      return generation.summary().draftedTokens();
    }

    @Override
    public long acceptedTokens() {
      return generation.summary().acceptedTokens();
    }

    @Override
    public void close() {
      generation.close();
    }
  }
}
