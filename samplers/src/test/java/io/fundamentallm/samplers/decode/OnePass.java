package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.DraftProposer.Draft;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One pass over a draft, by the decoder itself.
 *
 * @param accepted how many tokens of the draft were kept
 * @param output these, and the one that was chosen after them
 */
record OnePass(int accepted, List<Integer> output) {
  static final int VOCABULARY = 128;

  private static final int AFTERWARDS = VOCABULARY - 1;
  private static final Map<String, Decoder> DECODERS = new HashMap<>();
  private static final Map<String, Recipe<Sampler>> CHOICES = new HashMap<>();

  /**
   * Generates the lead, then lets one draft be checked by these rows.
   *
   * @param stage runs before the choice
   */
  static OnePass of(
      String spec,
      List<Integer> lead,
      Draft draft,
      List<float[]> rows,
      Consumer<Step> stage,
      String choice,
      long seed) {
    ToyModel model =
        new ToyModel(
            ToyModel.info(VOCABULARY, 64).build(),
            (tokens, length, row) -> {
              int at = length - 1;
              Arrays.fill(row, Float.NEGATIVE_INFINITY);
              if (at < lead.size()) {
                row[lead.get(at)] = 0;
              } else if (at - lead.size() < rows.size()) {
                float[] given = rows.get(at - lead.size());
                System.arraycopy(given, 0, row, 0, given.length);
              } else {
                row[AFTERWARDS] = 0;
              }
            });
    Set<Integer> once = new HashSet<>();
    DecodingOptions options =
        DecodingOptions.builder()
            .seed(seed)
            .maxNewTokens(lead.size() + draft.tokens().size() + 1)
            .sampler(
                binding ->
                    staged(stage, CHOICES.computeIfAbsent(choice, Samplers::parse).bind(binding)))
            .draft(
                binding ->
                    (sequence, count, cancellation) ->
                        sequence.history().generated() == lead.size() && once.add(0)
                            ? draft
                            : new Draft(List.of(), List.of()))
            .build();
    try (Generation generation =
        DECODERS.computeIfAbsent(spec, Decoders::parse).decode(model, new int[] {0}, options)) {
      List<Integer> tokens = new ArrayList<>();
      int accepted = 0;
      // no further: a case gives no rows for what follows
      while (tokens.size() < lead.size() + accepted + 1) {
        tokens.add(nextId(generation));
        accepted = (int) generation.summary().acceptedTokens();
      }
      assertThat(generation.summary().draftedTokens()).isEqualTo(draft.tokens().size());
      return new OnePass(accepted, tokens.subList(lead.size(), tokens.size()));
    }
  }

  private static int nextId(Generation generation) {
    Token token = generation.next();
    return token.id();
  }

  private static Sampler staged(Consumer<Step> stage, Sampler choice) {
    return new Sampler() {
      @Override
      public int sample(Step step) {
        stage.accept(step);
        return choice.sample(step);
      }

      @Override
      public Optional<Distribution> distribution(Step step) {
        stage.accept(step);
        return choice.distribution(step);
      }
    };
  }
}
