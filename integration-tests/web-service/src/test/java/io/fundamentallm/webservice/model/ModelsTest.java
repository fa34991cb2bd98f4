package io.fundamentallm.webservice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.settings.CannotStart;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.http.HttpStatus;

@SuppressWarnings("try") // closed early, and again
class ModelsTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final List<String> loads = new ArrayList<>();
  private final List<String> unloads = new ArrayList<>();

  private static ModelDescription model(String name, long bytes) {
    return new ModelDescription(
        new ModelSource(name, Path.of(name), null, null),
        bytes,
        0,
        OptionalInt.empty(),
        List.of("completion"));
  }

  private static ServedModel load(ModelSource source) {
    TextGenerator generator = TinyChat.load(TinyChat.directory());
    return new ServedModel(source.name(), generator, 0, "fp");
  }

  /** Four, each of one byte, of which three fit. */
  private Models models() {
    Models models =
        new Models(
            List.of(model("a", 1), model("b", 1), model("c", 1), model("d", 1)),
            3,
            MINUTE,
            source -> {
              synchronized (loads) {
                loads.add(source.name());
              }
              return load(source);
            });
    models.onUnload(model -> unloads.add(model.name()));
    return models;
  }

  private static void touch(Models models, String name) {
    try (Models.Use use = models.use()) {
      assertThat(use.of(name).name()).isEqualTo(name);
    }
  }

  @Test
  void the_first_is_loaded_at_once_and_others_when_asked_for() {
    try (Models models = models()) {
      assertThat(loads).containsExactly("a");
      try (Models.Use use = models.use()) {
        assertThat(use.of(null)).isSameAs(models.first());
      }
      touch(models, "b");
      touch(models, "b");
      assertThat(loads).containsExactly("a", "b");
      assertThat(models.loaded("b")).isPresent();
      assertThat(models.loaded("c")).isEmpty();
    }
  }

  @Test
  void the_one_used_longest_ago_makes_room_and_the_first_stays() {
    try (Models models = models()) {
      touch(models, "b");
      ServedModel b = models.loaded("b").orElseThrow();
      touch(models, "c");
      touch(models, "b");
      touch(models, "d");
      assertThat(unloads).containsExactly("c");
      touch(models, "c");
      assertThat(unloads).containsExactly("c", "b");
      assertThatThrownBy(() -> b.generator().generate("a"))
          .isInstanceOf(ClosedModelException.class);
      assertThat(models.loaded("a")).isPresent();
    }
  }

  @Test
  void a_model_in_use_is_not_unloaded() {
    try (Models models = models();
        Models.Use one = models.use();
        Models.Use two = models.use();
        Models.Use three = models.use()) {
      ServedModel b = one.of("b");
      two.of("c");
      assertThatThrownBy(() -> three.of("d"))
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> assertThat(e.status()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE));
      assertThat(b.generator().withMaxNewTokens(1).generate("a")).isNotNull();
      two.close();
      two.close(); // counts once
      try (Models.Use four = models.use()) {
        assertThat(four.of("d").name()).isEqualTo("d");
      }
      assertThat(unloads).containsExactly("c");
    }
  }

  @Test
  void requests_for_a_model_that_is_being_loaded_share_the_load() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger count = new AtomicInteger();
    Models models =
        new Models(
            List.of(model("a", 1), model("b", 1)),
            2,
            MINUTE,
            source -> {
              if (source.name().equals("b")) {
                count.incrementAndGet();
                begun.countDown();
                try {
                  go.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
              return load(source);
            });
    try (models;
        Models.Use one = models.use();
        Models.Use two = models.use()) {
      CompletableFuture<ServedModel> first = CompletableFuture.supplyAsync(() -> one.of("b"));
      begun.await();
      CompletableFuture<ServedModel> second = CompletableFuture.supplyAsync(() -> two.of("b"));
      go.countDown();
      assertThat(second.get()).isSameAs(first.get());
      assertThat(count).hasValue(1);
    }
  }

  @Test
  void a_load_that_fails_is_told_and_tried_again() {
    AtomicInteger count = new AtomicInteger();
    try (Models models =
        new Models(
            List.of(model("a", 1), model("b", 1)),
            2,
            MINUTE,
            source -> {
              if (source.name().equals("b") && count.incrementAndGet() == 1) {
                throw new CannotStart("torn", "", null);
              }
              return load(source);
            })) {
      try (Models.Use use = models.use()) {
        assertThatThrownBy(() -> use.of("b"))
            .isInstanceOf(ApiException.class)
            .hasMessageContaining("'b' cannot be loaded");
      }
      touch(models, "b");
    }
  }

  /** Loads b once it is told to; the others at once. */
  private static final class SlowLoader {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);

    ServedModel load(ModelSource source) {
      if (source.name().equals("b")) {
        begun.countDown();
        try {
          go.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return ModelsTest.load(source);
    }
  }

  @Test
  @Timeout(600) // it would hang for good
  void a_model_being_loaded_does_not_make_room_even_if_nobody_waits_for_it() throws Exception {
    SlowLoader loader = new SlowLoader();
    try (Models models =
        new Models(List.of(model("a", 1), model("b", 1), model("c", 1)), 2, MINUTE, loader::load)) {
      Models.Use one = models.use();
      CompletableFuture<ServedModel> loading = CompletableFuture.supplyAsync(() -> one.of("b"));
      loader.begun.await();
      one.close();
      try (Models.Use two = models.use()) {
        assertThatThrownBy(() -> two.of("c"))
            .isInstanceOfSatisfying(
                ApiException.class, e -> assertThat(e.code()).isEqualTo("cache_full"));
      }
      loader.go.countDown();
      loading.get();
      touch(models, "c");
      assertThat(models.loaded("b")).isEmpty();
    }
  }

  @Test
  @Timeout(600) // it would hang for good
  void the_wait_for_a_load_ends_and_the_load_goes_on() throws Exception {
    SlowLoader loader = new SlowLoader();
    try (Models models =
        new Models(List.of(model("a", 1), model("b", 1)), 2, Duration.ofMillis(1), loader::load)) {
      for (int request = 0; request < 2; request++) { // the first begins the load
        try (Models.Use use = models.use()) {
          assertThatThrownBy(() -> use.of("b"))
              .isInstanceOfSatisfying(
                  ApiException.class,
                  e -> {
                    assertThat(e.status()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
                    assertThat(e.code()).isEqualTo("timeout");
                  })
              .hasMessageContaining("'b' is still being loaded");
        }
      }
      loader.begun.await();
      assertThat(models.loaded("b")).isEmpty();
      loader.go.countDown();
      while (models.loaded("b").isEmpty()) {
        Thread.sleep(5);
      }
      try (Models.Use use = models.use()) {
        assertThat(use.of("b")).isSameAs(models.loaded("b").orElseThrow());
      }
    }
  }

  @Test
  @Timeout(600) // it would wait for an hour
  void who_hangs_up_waits_for_no_load() throws Exception {
    SlowLoader loader = new SlowLoader();
    AtomicBoolean hungUp = new AtomicBoolean();
    try (Models models =
            new Models(
                List.of(model("a", 1), model("b", 1)), 2, Duration.ofHours(1), loader::load);
        Models.Use use = models.use(hungUp::get)) {
      CompletableFuture<ServedModel> waiting = CompletableFuture.supplyAsync(() -> use.of("b"));
      loader.begun.await();
      hungUp.set(true);

      assertThatThrownBy(waiting::join).hasCauseInstanceOf(CancellationException.class);
      loader.go.countDown();
    }
  }

  private ApiException refusal(Supplier<RuntimeException> problem) {
    AtomicInteger count = new AtomicInteger();
    try (Models models =
        new Models(
            List.of(model("a", 1), model("b", 1)),
            2,
            MINUTE,
            source -> {
              if (source.name().equals("b") && count.incrementAndGet() == 1) {
                throw problem.get();
              }
              return load(source);
            })) {
      ApiException refused;
      try (Models.Use use = models.use()) {
        refused = catchThrowableOfType(ApiException.class, () -> use.of("b"));
      }
      touch(models, "b"); // tried again
      return refused;
    }
  }

  @Test
  @Timeout(600) // it would hang for good
  void whatever_fails_in_a_load_does_not_keep_the_model_from_being_loaded_later() {
    ApiException refused =
        refusal(
            () -> {
              throw new NoClassDefFoundError("Missing");
            });
    assertThat(refused.code()).isEqualTo("model_load_failed");
  }

  @Test
  @Timeout(600) // it would wait for a load that nobody does
  void a_load_that_cannot_begin_is_told() {
    Models models = models();
    models.close();

    try (Models.Use use = models.use()) {
      assertThatThrownBy(() -> use.of("b"))
          .isInstanceOfSatisfying(
              ApiException.class,
              refused -> assertThat(refused.code()).isEqualTo("model_load_failed"));
    }
  }

  @Test
  void no_memory_for_a_model_is_told_as_such_however_it_is_wrapped() {
    ApiException refused =
        refusal(() -> new CannotStart("no memory", "", new OutOfMemoryError("Java heap space")));
    assertThat(refused.status()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
    assertThat(refused.code()).isEqualTo("cache_full");
  }

  @Test
  @Timeout(600) // it would hang for good
  void what_fails_in_unloading_one_keeps_no_other_from_being_loaded() {
    try (Models models = models()) {
      models.onUnload(
          model -> {
            throw new IllegalStateException("torn");
          });
      touch(models, "b");
      ServedModel b = models.loaded("b").orElseThrow();
      touch(models, "c");
      touch(models, "d");
      assertThat(unloads).containsExactly("b");
      assertThatThrownBy(() -> b.generator().generate("a"))
          .isInstanceOf(ClosedModelException.class);
      touch(models, "b");
    }
  }

  @Test
  void a_model_that_never_fits_beside_the_first_is_refused_at_the_start() {
    List<ModelDescription> descriptions =
        List.of(model("a", 3 << 20), model("b", 1), model("c", 4 << 20));
    assertThatThrownBy(() -> new Models(descriptions, 5 << 20, MINUTE, ModelsTest::load))
        .isInstanceOf(CannotStart.class)
        .hasMessageContainingAll("the model c", "4194304", "beside a", "3145728", "5242880");
    new Models(descriptions, 7 << 20, MINUTE, ModelsTest::load).close();
  }

  @Test
  void unknown_names_are_told_the_others() {
    try (Models models = models();
        Models.Use use = models.use()) {
      assertThatThrownBy(() -> use.of("x"))
          .isInstanceOfSatisfying(
              ApiException.class, e -> assertThat(e.status()).isEqualTo(HttpStatus.NOT_FOUND))
          .hasMessage("the model 'x' does not exist; here are 'a', 'b', 'c', 'd'");
      use.close();
      assertThatThrownBy(() -> use.of("b")).isInstanceOf(CancellationException.class);
    }
    List<ModelDescription> twice = List.of(model("a", 1), model("a", 1));
    assertThatThrownBy(() -> new Models(twice, 2, MINUTE, ModelsTest::load))
        .hasMessageContaining("two models have the name a");
  }
}
