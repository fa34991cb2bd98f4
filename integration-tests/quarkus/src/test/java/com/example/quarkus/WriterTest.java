package com.example.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.model.ClosedModelException;
import io.quarkus.arc.Arc;
import io.quarkus.arc.InstanceHandle;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In the class loaders that Quarkus gives its tests, as in development. */
@QuarkusTest
@QuarkusTestResource(TinyModel.class)
class WriterTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @Inject Writer writer;

  @Test
  void it_writes_and_streams_the_same() {
    String text = writer.text(TinyModel.PROMPT);
    assertThat(text).startsWith("hello Ann");
    List<String> pieces =
        writer.pieces(TinyModel.PROMPT).collect().asList().await().atMost(PATIENCE);
    assertThat(pieces).hasSizeGreaterThan(1);
    assertThat(String.join("", pieces)).isEqualTo(text);
  }

  @Test
  void a_cancelled_subscription_ends_with_the_pieces_that_were_taken() {
    assertThat(
            writer
                .pieces(TinyModel.PROMPT)
                .select()
                .first(2)
                .collect()
                .asList()
                .await()
                .atMost(PATIENCE))
        .hasSize(2);
  }

  @Test
  void the_model_is_closed_with_its_bean_and_the_next_bean_loads_it_again() {
    InstanceHandle<TextGenerator> bean = Arc.container().instance(TextGenerator.class);
    TextGenerator generator = bean.get();
    assertThat(generator.withMaxNewTokens(1).generate(TinyModel.PROMPT)).isNotEmpty();
    bean.destroy();
    assertThatThrownBy(() -> generator.generate(TinyModel.PROMPT))
        .isInstanceOf(ClosedModelException.class);
    Arc.container().instance(Writer.class).destroy(); // which still has the closed one
    assertThat(writer.text(TinyModel.PROMPT)).startsWith("hello Ann");
  }

  @Test
  void the_loader_is_one_of_quarkus() {
    assertThat(TextGenerator.class.getClassLoader().getClass().getName())
        .startsWith("io.quarkus.bootstrap.classloading");
  }
}
