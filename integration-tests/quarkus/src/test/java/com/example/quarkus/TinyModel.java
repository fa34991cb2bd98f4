package com.example.quarkus;

import io.fundamentallm.fixtures.TinyChat;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** Names the model's directory before the application starts. */
public final class TinyModel implements QuarkusTestResourceLifecycleManager {
  static final String PROMPT = "user\nI am Ann\nassistant\n";

  @Override
  public Map<String, String> start() {
    return Map.of("fundamentallm.model", TinyChat.greedy().toString());
  }

  @Override
  public void stop() {}
}
