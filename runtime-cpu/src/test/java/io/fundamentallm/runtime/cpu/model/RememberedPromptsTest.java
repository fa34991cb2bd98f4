package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Decoders;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.GenerationSummary;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A {@link PrefixCache} over real keys and values: the same bits, its bound, and its files. */
class RememberedPromptsTest {
  private static final int[] SHARED = IntStream.range(0, 150).map(i -> i * 7 % 11).toArray();

  @TempDir private Path folder;

  private LanguageModel load(TinyModel model, Map<String, String> options) throws IOException {
    Path directory = model.write(Files.createDirectories(folder.resolve("model")));
    return new CpuRuntimeProvider().load(directory, Options.of("cpu", options));
  }

  private static TinyModel model() {
    return TinyModel.llama("llama").set("max_position_embeddings", 1024);
  }

  /** A text with the log-probability of each token, and what the generation said of itself. */
  private record Text(List<Integer> tokens, List<Double> logProbabilities) {}

  private record Written(Text text, GenerationSummary summary) {}

  private static Written write(
      LanguageModel model, int[] prompt, long seed, @Nullable PrefixCache cache) {
    DecodingOptions.Builder options =
        DecodingOptions.builder().maxNewTokens(9).seed(seed).alternatives(0);
    if (seed % 2 == 0) {
      options.sampler(Samplers.greedy());
    }
    if (cache != null) {
      options.prefixCache(cache);
    }
    List<Integer> tokens = new ArrayList<>();
    List<Double> logProbabilities = new ArrayList<>();
    Generation generation = Decoders.sampling().decode(model, prompt, options.build());
    generation.forEachRemaining(
        token -> {
          tokens.add(token.id());
          logProbabilities.add(token.logProbability());
        });
    return new Written(new Text(tokens, logProbabilities), generation.summary());
  }

  private static int[] joined(int[] first, int... second) {
    int[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private static int[] ids(Text text) {
    return text.tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "f16", "int8"})
  void ten_turns_are_the_same_to_the_bit_and_each_is_read_once(String format) throws IOException {
    try (LanguageModel model = load(model(), Map.of("cache", format));
        PrefixCache cache = PrefixCache.of(1 << 22)) {
      for (long seed = 0; seed < 2; seed++) { // greedy, and a draw
        int[] prompt = joined(SHARED, (int) seed);
        for (int turn = 0; turn < 10; turn++) {
          Written without = write(model, prompt, seed, null);
          Written with = write(model, prompt, seed, cache);
          assertThat(with.text).isEqualTo(without.text);
          int known = turn == 0 ? (seed == 0 ? 0 : SHARED.length) : prompt.length - 5;
          assertThat(with.summary.cachedTokens()).isEqualTo(known);
          // the last token of an answer was not read
          prompt = joined(joined(prompt, ids(with.text)), 1, 2, 3, (int) seed);
        }
      }
    }
  }

  /** All read the same beginning at the same time, so that nobody finds it. */
  @Test
  void thirty_two_conversations_at_once_hold_their_beginning_once_and_keep_within_the_bound()
      throws Exception {
    int callers = 32;
    try (CpuLanguageModel inner = (CpuLanguageModel) load(model(), Map.of());
        LanguageModel model = LanguageModels.batching(inner, BatchingLimits.defaults())) {
      long block = inner.cache().bytesOfBlock();
      // the beginning, and three blocks for what each adds, but not the beginning for each
      long bound = (SHARED.length / 32 + 3L * callers + 2) * block;
      ExecutorService threads = Executors.newFixedThreadPool(callers);
      PrefixCache cache = PrefixCache.of(bound);
      try (cache) {
        CyclicBarrier together = new CyclicBarrier(callers);
        List<Future<Written>> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
          int[] prompt = joined(SHARED, i % 11, i / 11, 5, 6);
          long seed = i;
          all.add(
              threads.submit(
                  () -> {
                    together.await();
                    return write(model, prompt, seed, cache);
                  }));
        }
        for (int i = 0; i < callers; i++) {
          int[] prompt = joined(SHARED, i % 11, i / 11, 5, 6);
          assertThat(all.get(i).get().text).isEqualTo(write(model, prompt, i, null).text);
        }
        assertThat(cache.statistics().heldBytes()).isLessThanOrEqualTo(bound);
        assertThat(inner.cache().blocksInUse() * block)
            .as("what is really held")
            .isLessThanOrEqualTo(cache.statistics().heldBytes());
        assertThat(cache.size()).isEqualTo(SHARED.length + distinct(all));
        for (int i = 0; i < callers; i++) {
          int[] next = joined(joined(SHARED, i % 11, i / 11, 5, 6), ids(all.get(i).get().text));
          Written with = write(model, next, i, cache);
          assertThat(with.summary.cachedTokens()).isEqualTo(next.length - 1);
          assertThat(with.text).isEqualTo(write(model, next, i, null).text);
        }
      } finally {
        threads.shutdownNow();
      }
      assertThat(inner.cache().blocksInUse()).isZero();
    }
  }

  /** Tokens behind the shared beginning, those that several begin with once. */
  private static long distinct(List<Future<Written>> all) throws Exception {
    List<List<Integer>> sequences = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      List<Integer> tokens = new ArrayList<>(List.of(i % 11, i / 11, 5, 6));
      tokens.addAll(all.get(i).get().text.tokens);
      sequences.add(tokens.subList(0, tokens.size() - 1)); // the last was not read
    }
    return sequences.stream()
        .flatMap(one -> IntStream.rangeClosed(1, one.size()).mapToObj(n -> one.subList(0, n)))
        .distinct()
        .count();
  }

  @Test
  void it_gives_memory_back_before_a_runtime_refuses_anybody() throws IOException {
    long block;
    try (CpuLanguageModel model = (CpuLanguageModel) load(model(), Map.of())) {
      block = model.cache().bytesOfBlock();
    }
    Map<String, String> room = Map.of("cache-memory", Long.toString(8 * block));
    try (CpuLanguageModel model = (CpuLanguageModel) load(model(), room);
        PrefixCache cache = PrefixCache.of(8 * block)) {
      Random random = new Random(3);
      for (int i = 0; i < 12; i++) {
        int[] prompt = random.ints(200, 0, 11).toArray(); // 7 blocks of 8
        assertThat(write(model, prompt, i, cache).text)
            .isEqualTo(write(model, prompt, i, null).text);
      }
      try (Session session = model.open()) { // nobody who knows of a cache
        session.append(random.ints(8 * 32, 0, 11).toArray());
        assertThat(cache.size()).isZero();
        session.truncate(100);
        session.reserve(4 * block);
      }
    }
  }

  /** Each had left a part of a block behind, until nothing else found room in the cache. */
  @Test
  void what_is_pinned_takes_its_blocks_and_no_more_wherever_prompts_part_from_it()
      throws IOException {
    try (CpuLanguageModel model = (CpuLanguageModel) load(model(), Map.of())) {
      long block = model.cache().bytesOfBlock();
      int blocks = (SHARED.length + 31) / 32;
      try (PrefixCache cache = PrefixCache.of(4 * blocks * block);
          Session session = model.open()) {
        session.append(SHARED);
        cache.pin(model, SHARED, session);
        for (int length = 1; length < SHARED.length; length++) {
          int[] prompt = joined(Arrays.copyOf(SHARED, length), (SHARED[length] + 1) % 11, 5);
          write(model, prompt, length, cache);
          assertThat(cache.statistics().heldBytes()).isLessThanOrEqualTo(4 * blocks * block);
        }
        int[] prompt = joined(new int[] {3, 3, 3}, SHARED);
        write(model, prompt, 1, cache);
        assertThat(write(model, prompt, 1, cache).summary.cachedTokens())
            .isEqualTo(prompt.length - 1);
        try (Session other = model.open()) { // twice as much is the half of the cache
          other.append(prompt);
          cache.pin(model, prompt, other);
        }
      }
      assertThat(model.cache().blocksInUse()).isZero();
    }
  }

  @Test
  void sharing_a_beginning_changes_nothing() throws IOException {
    try (CpuLanguageModel model = (CpuLanguageModel) load(model(), Map.of());
        Session one = model.open();
        Session other = model.open()) {
      one.append(SHARED);
      other.append(joined(Arrays.copyOf(SHARED, 100), 1, 1, 1, 1));
      int before = model.cache().blocksInUse();
      assertThat(other.shareBeginning(one, 100)).isEqualTo(3 * model.cache().bytesOfBlock());
      assertThat(model.cache().blocksInUse()).isEqualTo(before - 3);
      assertThat(other.shareBeginning(other, 100)).isZero();
      try (Session fresh = model.open()) {
        fresh.append(joined(Arrays.copyOf(SHARED, 100), 1, 1, 1, 1));
        assertThat(next(other)).containsExactly(next(fresh));
        other.truncate(50);
        fresh.truncate(50);
        assertThat(next(other)).containsExactly(next(fresh));
        one.truncate(40);
        fresh.truncate(0);
        fresh.append(Arrays.copyOf(SHARED, 40));
        assertThat(next(one)).containsExactly(next(fresh));
      }
    }
  }

  private static float[] next(Session session) {
    float[] logits = new float[11];
    session.append(new int[] {3}, logits);
    return logits;
  }

  private PrefixCache onDisk() throws IOException {
    return PrefixCache.builder()
        .maxBytes(1 << 22)
        .directory(folder.resolve("prefixes"), "a tokenizer", 1 << 22)
        .build();
  }

  /** The first turn in one process. */
  private int[] firstTurn() throws IOException {
    if (Files.exists(folder.resolve("prefixes"))) {
      for (Path file : files("")) {
        Files.delete(file);
      }
    }
    try (LanguageModel model = load(model(), Map.of());
        PrefixCache cache = onDisk()) {
      int[] answer = ids(write(model, SHARED, 1, cache).text);
      return joined(joined(SHARED, answer), 4, 4);
    }
  }

  private List<Path> files(String end) throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve("prefixes"))) {
      return all.filter(file -> file.toString().endsWith(end)).toList();
    }
  }

  @Test
  void a_restarted_program_goes_on_to_the_bit() throws IOException {
    int[] prompt = firstTurn();
    assertThat(files(".session")).hasSize(1);
    assertThat(files(".tokens")).hasSize(1);
    try (LanguageModel inner = load(model(), Map.of());
        LanguageModel model = LanguageModels.batching(inner, BatchingLimits.defaults());
        PrefixCache cache = onDisk()) {
      Written with = write(model, prompt, 1, cache);
      assertThat(with.text).isEqualTo(write(model, prompt, 1, null).text);
      assertThat(with.summary.cachedTokens()).isEqualTo(prompt.length - 3);
      assertThat(cache.statistics().restored()).isEqualTo(1);
      assertThat(cache.statistics().failures()).isZero();
    }
    assertThat(files(".session")).as("the longer one replaced it").hasSize(1);
  }

  /** Else each prompt would read the file, and then all of its tokens. */
  @Test
  void what_a_file_has_is_used_even_if_the_cache_may_not_keep_as_much() throws IOException {
    int[] prompt = firstTurn();
    try (CpuLanguageModel model = (CpuLanguageModel) load(model(), Map.of())) {
      long block = model.cache().bytesOfBlock();
      try (PrefixCache cache =
          PrefixCache.builder()
              .maxBytes(2 * block)
              .directory(folder.resolve("prefixes"), "a tokenizer", 1 << 22)
              .build()) {
        for (int i = 1; i <= 2; i++) {
          int[] other = joined(Arrays.copyOf(prompt, prompt.length - 20 * i), 10);
          Written with = write(model, other, i, cache);
          assertThat(with.text).isEqualTo(write(model, other, i, null).text);
          assertThat(with.summary.cachedTokens()).isEqualTo(other.length - 1);
          assertThat(cache.statistics().hits()).isEqualTo(i);
          assertThat(cache.statistics().restored()).isEqualTo(i);
          assertThat(cache.statistics().heldBytes()).isLessThanOrEqualTo(2 * block);
        }
      }
      assertThat(model.cache().blocksInUse()).isZero();
    }
  }

  private void fallsBack(int[] prompt, TinyModel weights, long failures) throws IOException {
    try (LanguageModel model = load(weights, Map.of());
        PrefixCache cache = onDisk()) {
      Written with = write(model, prompt, 1, cache);
      assertThat(with.text).isEqualTo(write(model, prompt, 1, null).text);
      assertThat(with.summary.cachedTokens()).isZero();
      assertThat(cache.statistics().restored()).isZero();
      assertThat(cache.statistics().failures()).isEqualTo(failures);
      assertThat(write(model, prompt, 3, cache).summary.cachedTokens())
          .isEqualTo(prompt.length - 1);
    }
  }

  @Test
  void torn_files_are_not_used() throws IOException {
    for (String end : List.of(".session", ".tokens")) {
      for (int kind = 0; kind < 3; kind++) {
        int[] prompt = firstTurn();
        for (Path file : files(end)) {
          byte[] bytes = Files.readAllBytes(file);
          if (kind == 0) {
            Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
          } else if (kind == 1) {
            bytes[bytes.length - 9] ^= 1;
            Files.write(file, bytes);
          } else {
            Files.write(file, new byte[0]);
          }
        }
        fallsBack(prompt, model(), 1);
      }
    }
    int[] prompt = firstTurn();
    for (Path file : files(".session")) {
      Files.delete(file);
    }
    fallsBack(prompt, model(), 1);
  }

  @Test
  void files_of_other_weights_are_not_used() throws IOException {
    int[] prompt = firstTurn();
    TinyModel other = model();
    other.tensor("model.layers.1.mlp.down_proj.weight").values()[7] += 0.001f;
    fallsBack(prompt, other, 1);
    fallsBack(firstTurn(), model().set("rms_norm_eps", 0.01), 1);
  }

  @Test
  void files_keep_within_their_bound() throws IOException {
    try (LanguageModel model = load(model(), Map.of())) {
      long one;
      try (Session session = model.open()) {
        session.append(SHARED);
        one = session.bytes();
      }
      for (int i = 0; i < 6; i++) {
        try (PrefixCache cache =
            PrefixCache.builder().directory(folder.resolve("prefixes"), "", 3 * one).build()) {
          write(model, joined(new int[] {i}, SHARED), 1, cache);
        }
      }
      long total = 0;
      for (Path file : files("")) {
        total += Files.size(file);
      }
      assertThat(total).isBetween(one, 3 * one);
      assertThat(files(".session")).hasSameSizeAs(files(".tokens"));
    }
  }
}
