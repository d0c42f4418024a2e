package com.ytempire.sidecar.web;

/**
 * An answer that is written to the caller while it is serialized to JSON, since the whole of it may
 * take more memory than what it is made of.
 */
public interface LargeAnswer {}
