package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * Asks for the key, where the settings have one: for everything but the page and the service's
 * health. Paths are matched as the framework matches them when it looks for who answers.
 */
@Component
@Order(0)
final class ApiKeyFilter implements WebFilter {
  private static final List<PathPattern> ASKED =
      List.of(pattern("/v1/**"), pattern("/actuator/**"));
  private static final PathPattern HEALTH = pattern("/actuator/health/**");
  private static final String SCHEME = "Bearer ";

  private final byte @Nullable [] expected;

  ApiKeyFilter(ServiceSettings settings) {
    expected = key(settings.apiKey());
  }

  /** The key as a header brings it, which is without space around it; null where there is none. */
  private static byte @Nullable [] key(@Nullable String setting) {
    String key = setting == null ? "" : setting.strip();
    if (key.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new CannotStart(
          "fundamentallm.api-key has a character that is not printable ASCII, which no client could"
              + " send",
          "Give a key of letters, digits and the signs of a keyboard.",
          null);
    }
    return key.isEmpty() ? null : key.getBytes(UTF_8);
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    PathContainer path = exchange.getRequest().getPath().pathWithinApplication();
    if (expected == null
        || HEALTH.matches(path)
        || ASKED.stream().noneMatch(pattern -> pattern.matches(path))) {
      return chain.filter(exchange);
    }
    String header = exchange.getRequest().getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Mono.error(
          refused("no key was given; send it as the header Authorization: Bearer KEY"));
    }
    byte[] shown = header.substring(SCHEME.length()).trim().getBytes(UTF_8);
    // takes as long for a key that is wrong at its end as at its beginning
    return MessageDigest.isEqual(expected, shown)
        ? chain.filter(exchange)
        : Mono.error(refused("the key is not the right one"));
  }

  private static ApiException refused(String message) {
    return new ApiException(
        HttpStatus.UNAUTHORIZED, "invalid_request_error", null, "invalid_api_key", message);
  }

  private static PathPattern pattern(String text) {
    return PathPatternParser.defaultInstance.parse(text);
  }
}
