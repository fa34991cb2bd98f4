package com.example.micronaut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.model.ClosedModelException;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.exceptions.BeanInstantiationException;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import io.micronaut.test.support.TestPropertyProvider;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

@MicronautTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WriterTest implements TestPropertyProvider {
  private static final String PROMPT = "user\nI am Ann\nassistant\n";

  @Inject Writer writer;
  @Inject TextGenerator generator;

  @Override
  public Map<String, String> getProperties() {
    return Map.of("fundamentallm.model", TinyChat.greedy().toString());
  }

  @Test
  void it_writes_and_streams_the_same() {
    String text = writer.text(PROMPT);
    assertThat(text).startsWith("hello Ann");
    assertThat(Flux.from(writer.pieces(PROMPT)).collectList().block())
        .hasSizeGreaterThan(1)
        .satisfies(pieces -> assertThat(String.join("", pieces)).isEqualTo(text));
  }

  @Test
  void a_cancelled_subscription_ends_with_the_pieces_that_were_taken() {
    assertThat(Flux.from(writer.pieces(PROMPT)).take(2).collectList().block()).hasSize(2);
  }

  @Test
  void the_model_is_closed_with_the_application() {
    TextGenerator ours;
    try (ApplicationContext application =
        ApplicationContext.run(Map.of("fundamentallm.model", TinyChat.greedy().toString()))) {
      ours = application.getBean(TextGenerator.class);
      assertThat(application.getBean(TextGenerator.class)).isSameAs(ours);
      assertThat(ours.withMaxNewTokens(1).generate(PROMPT)).isNotEmpty();
    }
    assertThatThrownBy(() -> ours.generate(PROMPT)).isInstanceOf(ClosedModelException.class);
    assertThat(generator.withMaxNewTokens(1).generate(PROMPT)).isNotEmpty();
  }

  @Test
  void a_directory_without_a_model_is_named(@TempDir Path empty) {
    try (ApplicationContext application =
        ApplicationContext.run(Map.of("fundamentallm.model", empty.toString()))) {
      assertThatThrownBy(() -> application.getBean(Writer.class))
          .isInstanceOf(BeanInstantiationException.class)
          .hasMessageContaining(empty.toString());
    }
  }
}
