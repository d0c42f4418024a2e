package com.ytempire.sidecar.youtube;

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
}
