package com.ytempire.sidecar.youtube;

import com.google.api.client.http.HttpResponseException;
import java.io.EOFException;
import java.io.IOException;

/** The one exception that carries a {@link Failure}. */
public final class YouTubeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Failure failure;

  public YouTubeException(Failure failure) {
    super(failure.message());
    this.failure = failure;
  }

  YouTubeException(Failure failure, Throwable cause) {
    super(failure.message(), cause);
    this.failure = failure;
  }

  public Failure failure() {
    return failure;
  }

  /** Whether Google answered 400: the same request will be refused again. */
  public boolean isBadRequest() {
    return getCause() instanceof HttpResponseException cause && cause.getStatusCode() == 400;
  }

  /** Whether what was answered breaks off in the middle, after all tries. */
  public boolean isTruncated() {
    return getCause() instanceof EOFException;
  }

  /** Whether what was answered makes no sense, though the request was answered. */
  public boolean isAboutContent() {
    return !(getCause() instanceof HttpResponseException cause)
        || cause.getStatusCode() == 404
        || cause.getStatusCode() == 410;
  }

  /**
   * Whether Google answered a 403 without a word of why: the account of the grant may no longer own
   * the channel.
   */
  public boolean isForbidden() {
    return getCause() instanceof IOException cause
        && switch (GoogleErrors.read(cause)) {
          case FORBIDDEN, PERMISSION_DENIED -> true;
          default -> false;
        };
  }
}
