package io.fundamentallm.webservice.access;

import static java.util.stream.Collectors.toUnmodifiableSet;

import io.fundamentallm.webservice.settings.CannotStart;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * Lets pages of the sites named in the settings (by default none) call OpenAI's interface and read
 * the answers (CORS, as in the Fetch standard). Others are not refused: their browsers do that, and
 * clients other than browsers need no permission.
 */
@Component
@Order(-1) // after the name is checked, and before the key, which no preflight has
final class AllowedOrigins implements WebFilter {
  private static final String ANY = "*";
  private static final PathPattern PATHS = PathPatternParser.defaultInstance.parse("/v1/**");

  /** How long a browser may remember a preflight: Chromium allows at most two hours. */
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private final Set<String> origins;

  AllowedOrigins(ServiceSettings settings) {
    origins =
        settings.allowedOrigins().stream()
            .map(origin -> checked(origin.strip().toLowerCase(Locale.ROOT)))
            .collect(toUnmodifiableSet());
  }

  private static String checked(String origin) {
    if (!origin.equals(ANY) && !isOrigin(origin)) {
      throw new CannotStart(
          "fundamentallm.allowed-origins has \"" + origin + "\", which is no origin of a page",
          "Give scheme, name and port as browsers send them, without a path or a slash at the end,"
              + " such as https://app.example or http://localhost:3000; or * for all.",
          null);
    }
    return origin;
  }

  private static boolean isOrigin(String text) {
    try {
      URI uri = new URI(text);
      return uri.getScheme() != null
          && uri.getHost() != null
          && text.equals(
              uri.getScheme()
                  + "://"
                  + uri.getHost()
                  + (uri.getPort() < 0 ? "" : ":" + uri.getPort()));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    if (origins.isEmpty()
        || !PATHS.matches(exchange.getRequest().getPath().pathWithinApplication())) {
      return chain.filter(exchange);
    }
    ServerHttpResponse response = exchange.getResponse();
    HttpHeaders headers = response.getHeaders();
    headers.add(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    String origin = exchange.getRequest().getHeaders().getOrigin();
    if (!isAllowed(origin)) {
      return chain.filter(exchange);
    }
    headers.setAccessControlAllowOrigin(origins.contains(ANY) ? ANY : origin);
    headers.setAccessControlExposeHeaders(List.of(RequestIds.HEADER, HttpHeaders.RETRY_AFTER));
    if (!CorsUtils.isPreFlightRequest(exchange.getRequest())) {
      return chain.filter(exchange);
    }
    headers.setAccessControlAllowMethods(List.of(HttpMethod.GET, HttpMethod.POST));
    // all that it asks for: clients send their own headers, none of which matters here
    headers.setAccessControlAllowHeaders(
        exchange.getRequest().getHeaders().getAccessControlRequestHeaders());
    headers.setAccessControlMaxAge(REMEMBERED);
    response.setStatusCode(HttpStatus.NO_CONTENT);
    return response.setComplete();
  }

  private boolean isAllowed(@Nullable String origin) {
    return origin != null
        && (origins.contains(ANY) || origins.contains(origin.toLowerCase(Locale.ROOT)));
  }
}
