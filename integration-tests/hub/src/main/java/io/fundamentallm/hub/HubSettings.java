package io.fundamentallm.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the environment says, by the names that huggingface_hub reads.
 *
 * @param token null for none
 */
record HubSettings(URI endpoint, Path cache, @Nullable String token, boolean offline) {
  private static final String ENDPOINT = "https://huggingface.co";
  private static final Set<String> YES = Set.of("1", "on", "yes", "true");

  static HubSettings of(Map<String, String> environment, Path userHome) throws IOException {
    Map<String, String> env = environment;
    Path base = Path.of(first(env, userHome.resolve(".cache").toString(), "XDG_CACHE_HOME"));
    Path home = Path.of(first(env, base.resolve("huggingface").toString(), "HF_HOME"));
    Path cache =
        Path.of(
            first(env, home.resolve("hub").toString(), "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"));
    URI endpoint = endpoint(first(env, ENDPOINT, "HF_ENDPOINT"));
    String token = first(env, "", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN").strip();
    if (token.isEmpty()) {
      Path file = Path.of(first(env, home.resolve("token").toString(), "HF_TOKEN_PATH"));
      if (Files.isRegularFile(file)) {
        token = Files.readString(file, StandardCharsets.UTF_8).strip();
      }
    }
    boolean silent = isYes(env, "HF_HUB_DISABLE_IMPLICIT_TOKEN");
    return new HubSettings(
        endpoint,
        cache,
        token.isEmpty() || silent ? null : token,
        isYes(env, "HF_HUB_OFFLINE") || isYes(env, "TRANSFORMERS_OFFLINE"));
  }

  static URI endpoint(String text) {
    URI endpoint;
    try {
      endpoint = URI.create(text.strip());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the hub's endpoint \"" + text + "\" is no address", e);
    }
    String scheme = String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
    if (endpoint.getHost() == null || (!scheme.equals("https") && !scheme.equals("http"))) {
      throw new IllegalArgumentException(
          "the hub's endpoint \"" + text + "\" is not like " + ENDPOINT);
    }
    return endpoint;
  }

  private static String first(Map<String, String> env, String otherwise, String... names) {
    for (String name : names) {
      String value = env.get(name);
      if (value != null && !value.isBlank()) {
        return value;
      }
    }
    return otherwise;
  }

  private static boolean isYes(Map<String, String> env, String name) {
    return YES.contains(env.getOrDefault(name, "").strip().toLowerCase(Locale.ROOT));
  }

  /** Without the token, which must get into no log. */
  @Override
  public String toString() {
    return endpoint
        + ", cache "
        + cache
        + (token == null ? "" : ", with a token")
        + (offline ? ", offline" : "");
  }
}
