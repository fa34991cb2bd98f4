package com.example.micronaut;

import io.fundamentallm.TextGenerator;
import jakarta.inject.Singleton;
import org.reactivestreams.FlowAdapters;
import org.reactivestreams.Publisher;

/** Continues prompts. */
@Singleton
public class Writer {
  private final TextGenerator generator;

  Writer(TextGenerator generator) {
    this.generator = generator.withMaxNewTokens(40);
  }

  /** The whole continuation. */
  public String text(String prompt) {
    return generator.generate(prompt);
  }

  /** The continuation in pieces, as it is written; to cancel the subscription ends it. */
  public Publisher<String> pieces(String prompt) {
    return FlowAdapters.toPublisher(generator.publish(prompt));
  }
}
