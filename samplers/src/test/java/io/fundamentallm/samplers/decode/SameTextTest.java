package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Token;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Comparing gives token for token, and figure for figure, what plain decoding gives. */
class SameTextTest {
  private static final int SEEDS = 200;
  private static final int VOCABULARY = 24;
  private static final int[] PROMPT = {1, 2, 3, 4, 1, 2, 3, 4, 5};
  private static final List<String> CHAINS =
      List.of(
          "temperature=0.7",
          "repetition-penalty=1.1,dry(multiplier=0.5),temperature=0.8,top-k=12,top-p=0.95",
          "logit-bias=\"3:1\",no-repeat-n-gram=3,xtc(probability=0.5,threshold=0.1),min-p=0.02",
          "frequency-penalty=0.1,mirostat(version=2)",
          "tiring,temperature=0.5,push=3,near-best=0.02",
          "no-echo,seen=0.02,top-p=0.9",
          "greedy");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "speculative | false",
        "speculative(match=longest-earliest,chained=true,tokens=5) | false",
        "speculative | true",
        "speculative(tokens=3) | true"
      })
  void a_seed_gives_the_text_of_plain_decoding(String spec, boolean model) {
    ToyModel target =
        new ToyModel(
            ToyModel.info(VOCABULARY, 128).endTokens(Set.of(VOCABULARY - 1)).build(),
            ToyScores.lastTwo(25, 0.5f, 1));
    ToyModel draft =
        new ToyModel(ToyModel.info(VOCABULARY, 96).build(), ToyScores.lastTwo(25, 2, 2));
    long drafted = 0;
    long accepted = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      DecodingOptions.Builder options =
          DecodingOptions.builder()
              .seed(seed)
              .sequence(seed % 3)
              .maxNewTokens(50 + seed % 7)
              .minNewTokens(seed % 5)
              .sampler(TestStages.parse(CHAINS.get(seed % CHAINS.size())));
      if (seed % 2 == 0) {
        options.alternatives(3);
      }
      if (seed % 4 == 1) {
        options.stopTokens(Set.of(7));
      }
      Generation plain = Decoders.sampling().decode(target, PROMPT, options.build());
      List<Token> expected = plain.stream().toList();
      FinishReason reason = plain.finishReason();
      if (model) {
        options.draft(draft);
      }
      Generation guessed = Decoders.parse(spec).decode(target, PROMPT, options.build());
      assertThat(guessed.stream().toList()).as("seed %d", seed).isEqualTo(expected);
      assertThat(guessed.finishReason()).isEqualTo(reason);
      assertThat(guessed.sequences().get(0).tokens()).isEqualTo(expected);
      drafted += guessed.summary().draftedTokens();
      accepted += guessed.summary().acceptedTokens();
    }
    System.out.println(spec + ": " + accepted + " of " + drafted + " drafted tokens accepted");
    assertThat(accepted).isPositive();
    assertThat(drafted).isGreaterThan(accepted);
    assertThat(target.openSessions()).isZero();
    assertThat(draft.openSessions()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"compare", "rejection"})
  void a_draft_that_is_the_model_itself_is_always_right(String mode) {
    ToyModel.Scores scores = ToyScores.lastTwo(4, 2, 1);
    ToyModel target = new ToyModel(ToyModel.info(VOCABULARY, 128).build(), scores);
    ToyModel draft = new ToyModel(ToyModel.info(VOCABULARY, 128).build(), scores);
    for (String chain : CHAINS) {
      for (int seed = 0; seed < 20; seed++) {
        DecodingOptions options =
            DecodingOptions.builder()
                .seed(seed)
                .maxNewTokens(100)
                .sampler(TestStages.parse(chain))
                .draft(draft)
                .build();
        Generation generation =
            Decoders.parse("speculative(tokens=7,mode=" + mode + ")")
                .decode(target, PROMPT, options);
        assertThat(generation.stream()).hasSize(100);
        assertThat(generation.summary().acceptanceRate()).as("%s, %d", chain, seed).isEqualTo(1);
      }
    }
  }
}
