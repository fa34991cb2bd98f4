package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who guesses: draft models, from options and directories, and which of them wins. */
class DraftModelTest {
  private static final int[] PROMPT = {1, 2};
  private static final int[] SCRIPT = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

  private final ToyModel model =
      new ToyModel(ToyModel.info(16, 256).build(), ToyModel.scripted(PROMPT.length, SCRIPT));

  private static List<Integer> script(int length) {
    return IntStream.range(0, length).mapToObj(i -> SCRIPT[i % SCRIPT.length]).toList();
  }

  private Generation decode(String spec, DecodingOptions.Builder options) {
    return Decoders.parse(spec).decode(model, PROMPT, options.seed(1).build());
  }

  private static List<Integer> ids(Generation generation) {
    return generation.stream().map(token -> token.id()).toList();
  }

  @Test
  void a_draft_model_of_another_vocabulary_is_refused_with_both_sizes() {
    ToyModel other = new ToyModel(ToyModel.info(17, 64).build(), ToyModel.hashing());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decode("speculative", DecodingOptions.builder().draft(other)))
        .withMessageContaining("17")
        .withMessageContaining("16");
  }

  @Test
  void a_model_that_takes_nothing_back_is_refused_by_name() {
    ToyModel other =
        new ToyModel(
            ToyModel.info(16, 64).capabilities(Capability.SHARED_FORK).build(), ToyModel.hashing());
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Decoders.parse("speculative")
                    .decode(other, PROMPT, DecodingOptions.builder().build()))
        .withMessageContaining("toy on memory")
        .withMessageContaining("TRUNCATE");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decode("speculative", DecodingOptions.builder().draft(other)))
        .withMessageContaining("draft")
        .withMessageContaining("TRUNCATE");
  }

  @Test
  void a_draft_of_the_options_wins_over_the_spec_and_the_last_one_given_over_the_others() {
    ToyModel draft =
        new ToyModel(ToyModel.info(16, 64).build(), ToyModel.scripted(PROMPT.length, SCRIPT));
    DecodingOptions.Builder options = DecodingOptions.builder().maxNewTokens(20).draft(draft);
    assertThat(ids(decode("speculative(draft=nowhere)", options))).isEqualTo(script(20));
    assertThat(draft.forwards()).isPositive();
    long before = draft.forwards();
    Oracle oracle = new Oracle(script(20), 0);
    assertThat(ids(decode("speculative", options.draft(binding -> oracle)))).isEqualTo(script(20));
    assertThat(oracle.asked).isNotEmpty();
    assertThat(draft.forwards()).isEqualTo(before);
    assertThat(ids(decode("speculative", options.draft(draft)))).isEqualTo(script(20));
    assertThat(draft.forwards()).isGreaterThan(before);
  }

  @Test
  void a_draft_of_the_options_is_bound_as_the_sampler_is() {
    ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());
    List<Boolean> continues = new ArrayList<>();
    DecodingOptions options =
        DecodingOptions.builder()
            .tokenizer(ByteTokenizer.withBeginAndEnd())
            .draft(
                binding -> {
                  continues.add(binding.continuesPrompt());
                  return new Oracle(script(20), 0);
                })
            .build();
    Decoder speculative = Decoders.parse("speculative");
    speculative.decode(model, new int[] {'a'}, options).close();
    speculative.decode(model, new int[] {256}, options).close(); // the token that begins a text
    assertThat(continues).containsExactly(true, false);
  }

  @Test
  void a_draft_that_finds_no_token_ends_the_guess_alone() {
    // the draft's best token leads where its stages leave nothing
    ToyModel draft = new ToyModel(ToyModel.info(16, 64).build(), ToyModel.scripted(2, 0));
    Generation generation =
        decode(
            "speculative",
            DecodingOptions.builder()
                .draft(draft)
                .maxNewTokens(20)
                .sampler(binding -> new NeverAfterZero(Samplers.parse("greedy").bind(binding))));
    assertThat(ids(generation)).isEqualTo(script(20));
  }

  @Test
  void a_draft_whose_constraint_cannot_go_on_ends_the_guess_alone() {
    ToyModel draft = new ToyModel(ToyModel.info(16, 64).build(), ToyModel.scripted(2, 0));
    Generation generation =
        decode(
            "speculative",
            DecodingOptions.builder()
                .draft(draft)
                .maxNewTokens(20)
                .constraint(binding -> new DeadEndAfterZero()));
    assertThat(ids(generation)).isEqualTo(script(20));
  }

  /** Allows everything, and nothing after a 0. */
  private static final class DeadEndAfterZero implements TokenConstraint {
    private final List<Integer> taken = new ArrayList<>();

    @Override
    public long[] mask() {
      if (!taken.isEmpty() && taken.get(taken.size() - 1) == 0) {
        throw new ConstraintException("nothing follows 0");
      }
      return new long[] {-1};
    }

    @Override
    public void accept(int token) {
      taken.add(token);
    }

    @Override
    public DeadEndAfterZero fork() {
      DeadEndAfterZero fork = new DeadEndAfterZero();
      fork.taken.addAll(taken);
      return fork;
    }

    @Override
    public void rollback(int tokens) {
      taken.subList(taken.size() - tokens, taken.size()).clear();
    }
  }

  @Test
  void a_draft_model_that_gives_no_numbers_is_an_error_of_its_own() {
    ToyModel draft =
        new ToyModel(
            ToyModel.info(16, 64).build(), (tokens, length, row) -> Arrays.fill(row, Float.NaN));
    Generation generation =
        decode("speculative", DecodingOptions.builder().draft(draft).maxNewTokens(20));
    assertThatThrownBy(() -> ids(generation))
        .isInstanceOf(NotFiniteException.class)
        .hasMessageContaining("the draft model: the logit of token 0 at position")
        .hasMessageContaining("NaN");
  }

  @Test
  void what_else_goes_wrong_in_a_guess_is_no_guess_of_nothing() {
    ToyModel draft = new ToyModel(ToyModel.info(16, 64).build(), ToyModel.scripted(2, 0));
    for (RuntimeException failure :
        List.of(
            new IllegalStateException("a stage's own"), new CancellationException("interrupted"))) {
      Generation generation =
          decode(
              "speculative",
              DecodingOptions.builder()
                  .draft(draft)
                  .maxNewTokens(20)
                  .sampler(
                      binding -> new Failing(Samplers.parse("greedy").bind(binding), failure)));
      assertThatThrownBy(() -> ids(generation)).isSameAs(failure);
    }
  }

  /** Fails after a 0. */
  private record Failing(Sampler inner, RuntimeException failure) implements Sampler {
    @Override
    public int sample(Step step) {
      if (step.history().token(step.history().length() - 1) == 0) {
        throw failure;
      }
      return inner.sample(step);
    }

    @Override
    public Optional<Distribution> distribution(Step step) {
      return Optional.of(Distribution.certain(sample(step)));
    }
  }

  /** Leaves no token after a 0. */
  private record NeverAfterZero(Sampler inner) implements Sampler {
    @Override
    public int sample(Step step) {
      if (step.history().token(step.history().length() - 1) == 0) {
        throw new NoTokenException("nothing follows 0");
      }
      return inner.sample(step);
    }

    @Override
    public Optional<Distribution> distribution(Step step) {
      return Optional.of(Distribution.certain(sample(step)));
    }
  }

  @Test
  void a_draft_model_that_is_not_there_is_named() {
    assertThatThrownBy(
            () -> decode("speculative(draft=\"no/such/place\")", DecodingOptions.builder()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("no/such/place");
  }

  @Test
  void a_draft_model_is_loaded_from_its_directory_once(@TempDir Path directory) throws IOException {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(LanguageModelProvider.class.getName()), Scripted.class.getName());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      Decoder decoder = Decoders.parse("speculative(draft=\"" + directory + "\")");
      for (int i = 0; i < 3; i++) {
        DecodingOptions options = DecodingOptions.builder().maxNewTokens(20).build();
        Generation generation = decoder.decode(model, PROMPT, options);
        assertThat(ids(generation)).isEqualTo(script(20));
        assertThat(generation.summary().acceptanceRate()).isEqualTo(1);
      }
    } finally {
      thread.setContextClassLoader(before);
    }
    assertThat(Scripted.LOADED).hasSize(1);
    assertThat(Scripted.LOADED.get(0).openSessions()).isZero();
  }

  /** A runtime for every directory. */
  public static final class Scripted implements LanguageModelProvider {
    static final List<ToyModel> LOADED = new ArrayList<>();

    @Override
    public String name() {
      return "scripted";
    }

    @Override
    public Support supports(Path directory) {
      return Support.yes("takes anything");
    }

    @Override
    public LanguageModel load(Path directory, Options options) {
      LOADED.add(
          new ToyModel(ToyModel.info(16, 64).build(), ToyModel.scripted(PROMPT.length, SCRIPT)));
      return LOADED.get(LOADED.size() - 1);
    }
  }

  @Test
  void a_guess_may_end_no_sooner_than_the_text_may() {
    int end = 15;
    ToyModel.Scores ending =
        (tokens, length, row) -> {
          ToyModel.scripted(PROMPT.length, 3, 4, 5).score(tokens, length, row);
          row[end] = 200; // likelier than anything
        };
    ToyModel target = new ToyModel(ToyModel.info(16, 256).endTokens(Set.of(end)).build(), ending);
    ToyModel draft = new ToyModel(ToyModel.info(16, 256).build(), ending);
    for (String mode : List.of("compare", "rejection")) {
      Generation generation =
          Decoders.parse("speculative(tokens=4,mode=" + mode + ")")
              .decode(
                  target,
                  PROMPT,
                  DecodingOptions.builder()
                      .seed(1)
                      .minNewTokens(10)
                      .maxNewTokens(20)
                      .draft(draft)
                      .build());
      assertThat(ids(generation)).containsExactly(3, 4, 5, 3, 4, 5, 3, 4, 5, 3, end);
      assertThat(generation.summary().acceptedTokens())
          .isEqualTo(generation.summary().draftedTokens())
          .isPositive();
    }
  }
}
