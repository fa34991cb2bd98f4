package io.fundamentallm.runtime.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OnnxModelTest {
  @TempDir private Path directory;

  private LanguageModel load(TinyDecoder decoder, Form form) throws IOException {
    decoder.save(directory, form);
    return new GpuProvider().load(directory, Options.of("gpu", Map.of("device", "cpu")));
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void logits_are_those_of_a_plain_forward_pass_in_double(Form form) throws IOException {
    TinyDecoder decoder = TinyDecoder.small();
    int[] tokens = new Random(7).ints(decoder.context(), 0, decoder.vocabulary()).toArray();
    double[][] expected = new TinyDecoderReference(decoder).logits(tokens);
    try (LanguageModel model = load(decoder, form);
        Session session = model.open()) {
      float[][] rows = new float[tokens.length][decoder.vocabulary()];
      session.append(tokens, rows);
      for (int t = 0; t < tokens.length; t++) {
        for (int v = 0; v < decoder.vocabulary(); v++) {
          assertThat((double) rows[t][v])
              .as("t %d, v %d", t, v)
              .isCloseTo(expected[t][v], within(form.rounding()));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"MASK_AND_POSITIONS", "WITHOUT_CACHE", "F16"})
  void an_append_longer_than_a_chunk_gives_all_its_rows(Form form) throws IOException {
    // 512 tokens are a chunk here, so 1,100 are three
    TinyDecoder decoder = TinyDecoder.random(17, 1100, 8, 2, 1, 3);
    int[] tokens = new Random(8).ints(decoder.context(), 0, decoder.vocabulary()).toArray();
    double[][] expected = new TinyDecoderReference(decoder).logits(tokens);
    for (int count : new int[] {1, 76, 77, 588, 1100}) {
      try (LanguageModel model = load(decoder, form);
          Session session = model.open()) {
        float[][] rows = new float[count][decoder.vocabulary()];
        session.append(tokens, rows);
        for (int row = 0; row < count; row++) {
          double[] reference = expected[tokens.length - count + row];
          for (int v = 0; v < decoder.vocabulary(); v++) {
            assertThat((double) rows[row][v])
                .as("%d rows, row %d", count, row)
                .isCloseTo(reference[v], within(form.rounding()));
          }
        }
      }
    }
  }

  @Test
  void refusals_say_what_was_expected_and_what_came() throws IOException {
    try (LanguageModel model = load(TinyDecoder.small(), Form.IDS_ONLY);
        Session session = model.open()) {
      int vocabulary = model.info().vocabularySize();
      int context = model.info().contextLength();
      assertThatThrownBy(() -> session.append(new int[] {1, vocabulary}))
          .hasMessage(
              "append 0: token %d at index 1 is outside the vocabulary [0, %d)",
              vocabulary, vocabulary);
      assertThatThrownBy(() -> session.append(new int[context + 1]))
          .hasMessage(
              "append 0: %d tokens do not fit: the session holds 0 of %d", context + 1, context);
      assertThatThrownBy(() -> session.append(new int[] {1}, new float[vocabulary - 1]))
          .hasMessage("append 0: a row of %d logits, expected %d", vocabulary - 1, vocabulary);
    }
  }

  @Test
  void the_description_comes_from_graph_and_configuration() throws IOException {
    TinyDecoder decoder = TinyDecoder.small();
    Files.writeString(
        directory.resolve("generation_config.json"),
        "{\"eos_token_id\": [2, 5, 50256], \"bos_token_id\": 3}");
    try (LanguageModel model = load(decoder, Form.IDS_ONLY)) {
      ModelInfo info = model.info();
      assertThat(info.architecture()).isEqualTo("gpt2");
      assertThat(info.vocabularySize()).isEqualTo(17);
      assertThat(info.contextLength()).isEqualTo(48);
      assertThat(info.hiddenSize()).isEqualTo(16);
      assertThat(info.layers()).isEqualTo(2);
      assertThat(info.heads()).isEqualTo(2);
      assertThat(info.precision()).isEqualTo("f32");
      assertThat(info.device()).startsWith("cpu (ONNX Runtime 1.");
      assertThat(info.beginToken()).hasValue(3);
      assertThat(info.endTokens())
          .as("of both files, as far as they exist")
          .containsExactly(1, 2, 5);
      assertThat(info.capabilities()).containsExactly(Capability.SHARED_FORK, Capability.TRUNCATE);
    }
  }

  @ParameterizedTest
  @CsvSource({"IDS_ONLY, f32", "F16, f16", "BF16, bf16", "GROUPED_INT4, int4"})
  void the_precision_is_told(Form form, String precision) throws IOException {
    try (LanguageModel model = load(TinyDecoder.small(), form)) {
      assertThat(model.info().precision()).isEqualTo(precision);
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void how_the_cache_is_kept_is_told_with_the_reason(Form form) throws IOException {
    try (LanguageModel model = load(TinyDecoder.small(), form)) {
      assertThat(model.info().device())
          .startsWith("cpu (ONNX Runtime 1.")
          .endsWith(
              switch (form) {
                case GROUPED, GROUPED_F16, GROUPED_INT4, GEN_AI ->
                    "keys and values in shared buffers in the memory of the host, as the graph"
                        + " appends to them in place";
                case GROUPED_FIXED, FIXED ->
                    "keys and values in shared buffers in the memory of the host, as the graph has"
                        + " room for 48 tokens";
                case WITHOUT_CACHE, WITHOUT_CACHE_INT4 ->
                    "no keys and values kept, since the graph takes none: each token computes all"
                        + " before it";
                default ->
                    "keys and values fed back from output to input, as the graph appends to them by"
                        + " copying";
              });
    }
  }

  @Test
  void a_graph_without_a_cache_says_so_and_runs() throws IOException {
    TinyDecoder decoder = TinyDecoder.random(17, 1100, 8, 2, 1, 3);
    try (LanguageModel model = load(decoder, Form.WITHOUT_CACHE);
        LanguageModel cached = load(decoder, Form.MASK_AND_POSITIONS)) {
      assertThat(model.info().device()).contains("no keys and values kept");
      assertThat(model.info().layers()).as("of config.json").isEqualTo(1);
      int[] prompt = new Random(4).ints(600, 0, decoder.vocabulary()).toArray();
      DecodingOptions options =
          DecodingOptions.builder().sampler(Samplers.parse("greedy")).maxNewTokens(20).build();
      assertThat(tokens(model, prompt, options))
          .hasSizeGreaterThan(5)
          .isEqualTo(tokens(cached, prompt, options));
    }
  }

  private static List<Integer> tokens(LanguageModel model, int[] prompt, DecodingOptions options) {
    List<Integer> ids = new ArrayList<>();
    try (Generation generation = Decoders.sampling().decode(model, prompt, options)) {
      generation.forEachRemaining(token -> ids.add(token.id()));
    }
    return ids;
  }

  @Test
  void greedy_tokens_are_those_of_the_plain_forward_pass() throws IOException {
    TinyDecoder decoder = TinyDecoder.small();
    int[] prompt = {3, 1, 4};
    try (LanguageModel model = load(decoder, Form.IDS_ONLY)) {
      DecodingOptions options =
          DecodingOptions.builder().sampler(Samplers.parse("greedy")).maxNewTokens(30).build();
      assertThat(tokens(model, prompt, options)).isEqualTo(greedy(decoder, prompt, 30, Set.of(1)));
    }
  }

  @Test
  void text_is_generated_through_the_text_generator() throws IOException {
    TinyDecoder decoder = TinyDecoder.random(258, 64, 16, 4, 2, 5);
    ByteTokenizer tokenizer = ByteTokenizer.withBeginAndEnd();
    try (TextGenerator generator =
        TextGenerator.of(tokenizer, load(decoder, Form.MASK_AND_POSITIONS))
            .withSampler("greedy")
            .withMaxNewTokens(20)) {
      String text = generator.generate("Hey");
      List<Integer> expected = greedy(decoder, new int[] {256, 'H', 'e', 'y'}, 20, Set.of(1));
      assertThat(text)
          .isEqualTo(
              tokenizer.decode(
                  expected.stream().mapToInt(id -> id).filter(id -> id != 1).toArray()));
    }
  }

  private static List<Integer> greedy(
      TinyDecoder decoder, int[] prompt, int max, Set<Integer> ends) {
    TinyDecoderReference reference = new TinyDecoderReference(decoder);
    List<Integer> all = new ArrayList<>();
    for (int token : prompt) {
      all.add(token);
    }
    for (int i = 0; i < max && (i == 0 || !ends.contains(all.get(all.size() - 1))); i++) {
      double[][] logits = reference.logits(all.stream().mapToInt(id -> id).toArray());
      double[] row = logits[logits.length - 1];
      int best = 0;
      for (int v = 1; v < row.length; v++) {
        best = row[v] > row[best] ? v : best;
      }
      all.add(best);
    }
    return all.subList(prompt.length, all.size());
  }

  @Test
  void a_pass_is_cancelled_in_the_middle_of_a_run() throws IOException {
    TinyDecoder decoder = TinyDecoder.random(17, 512, 256, 4, 4, 9);
    int[] tokens = new Random(9).ints(512, 0, 17).toArray();
    try (LanguageModel model = load(decoder, Form.IDS_ONLY);
        Session session = model.open()) {
      Thread caller = Thread.currentThread();
      Set<Thread> askers = ConcurrentHashMap.newKeySet();
      // false whenever the caller's own thread asks before the run, true from within it
      Cancellation fromAside =
          () -> {
            askers.add(Thread.currentThread());
            return askers.stream().anyMatch(thread -> thread != caller);
          };
      Throwable thrown = null;
      // on a busy machine a run may be over before the other thread comes to ask
      for (int run = 0; run < 200 && askers.size() < 2; run++) {
        session.truncate(0);
        askers.clear();
        thrown =
            catchThrowable(() -> model.forward(List.of(Append.of(session, tokens)), fromAside));
      }
      assertThat(askers).hasSize(2);
      assertThat(thrown).isInstanceOf(CancellationException.class);
      assertThat(session.length()).isZero();
    }
  }

  @Test
  void a_session_may_be_closed_while_its_pass_runs() throws Exception {
    TinyDecoder decoder = TinyDecoder.random(17, 512, 64, 4, 2, 9);
    int[] tokens = new Random(9).ints(512, 0, 17).toArray();
    try (LanguageModel model = load(decoder, Form.IDS_ONLY)) {
      for (int milliseconds = 0; milliseconds < 20; milliseconds++) {
        Session session = model.open();
        FutureTask<Void> pass =
            new FutureTask<>(
                () -> {
                  session.append(tokens, new float[17]);
                  return null;
                });
        new Thread(pass).start();
        Thread.sleep(milliseconds);
        session.close();
        try {
          pass.get();
        } catch (ExecutionException e) {
          // where the close came before the pass
          assertThat(e.getCause()).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(session::length).isInstanceOf(IllegalStateException.class);
      }
    }
  }
}
