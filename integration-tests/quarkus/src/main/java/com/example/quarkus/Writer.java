package com.example.quarkus;

import io.fundamentallm.TextGenerator;
import io.smallrye.mutiny.Multi;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** Continues prompts. */
@ApplicationScoped
public class Writer {
  @Inject TextGenerator generator;

  /** The whole continuation. */
  public String text(String prompt) {
    return generator.withMaxNewTokens(40).generate(prompt);
  }

  /** The continuation in pieces, as it is written; to cancel the subscription ends it. */
  public Multi<String> pieces(String prompt) {
    return Multi.createFrom().publisher(generator.withMaxNewTokens(40).publish(prompt));
  }
}
