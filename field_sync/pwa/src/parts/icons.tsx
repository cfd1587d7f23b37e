/** The app's pictures: plain lines, told to nobody who cannot see them. */

const PATHS = {
  back: "M15 4l-8 8 8 8",
  today: "M5 4h14v17H5zM9 2v4M15 2v4M8 11h8M8 15h5",
  map: "M9 4L3 6v14l6-2 6 2 6-2V4l-6 2zM9 4v14M15 6v14",
  message: "M4 5h16v11H10l-4 4v-4H4z",
  sync: "M20 11a8 8 0 00-14.5-3.5L4 9M4 4v5h5M4 13a8 8 0 0014.5 3.5L20 15M20 20v-5h-5",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 17a3.5 3.5 0 100-7 3.5 3.5 0 000 7z",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 8v8M12 8v8M16 8v8",
  key: "M14.5 9.5a4.5 4.5 0 10-3.2 4.3L13 15.5h2v2h2v2h3v-3.3l-5.8-5.5z",
  care: "M12 20S4 15 4 9.2A4.2 4.2 0 0112 7a4.2 4.2 0 018 2.2C20 15 12 20 12 20z",
  check: "M4 12.5l5.5 5.5L20 6.5",
  waiting: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5.5l3.5 2",
  warning: "M12 3.5L2.5 20h19zM12 10v5M12 17.5v.5",
  pin: "M12 21s7-6.2 7-11.5A7 7 0 005 9.500C5 14.8 12 21 12 21zM12 12a2.500 2.500 0 100-5 2.500 2.500 0 000 5z",
  locate: "M12 17a5 5 0 100-10 5 5 0 000 10zM12 2v5M12 17v5M2 12h5M17 12h5",
  phone:
    "M6 3h3l1.500 5-2 1.500a12 12 0 006 6l1.500-2 5 1.500v3c0 1-1 2-2 2C11 20 4 13 4 5c0-1 1-2 2-2z",
  pen: "M4 20l1-5L16 4l4 4L9 19zM13.500 6.500l4 4",
  amend: "M5 3h9l5 5v13H5zM13 3v6h6M8 17l5-5 2 2-5 5H8z",
  pause: "M8 5v14M16 5v14",
  start: "M7 4l13 8-13 8z",
  export: "M12 4v11M7 10l5 5 5-5M4 20h16",
  go: "M9 5l7 7-7 7",
  erase: "M9 6h11v12H9l-6-6zM12 10l4 4M16 10l-4 4",
  lamp: "M9 18h6M10 21h4M12 3a6 6 0 00-3.500 10.900V16h7v-2.100A6 6 0 0012 3z",
  dog: "M5.500 8.800a1.700 1.700 0 100 3.400 1.700 1.700 0 000-3.400zM9.500 4.500a1.800 1.800 0 100 3.600 1.800 1.800 0 000-3.600zM14.500 4.500a1.800 1.800 0 100 3.600 1.800 1.800 0 000-3.600zM18.500 8.800a1.700 1.700 0 100 3.400 1.700 1.700 0 000-3.400zM12 12c-3 0-5.500 3-5.500 5.200 0 1.800 1.400 2.600 2.800 2.300 1-.2 1.800-.6 2.700-.6s1.700.4 2.700.6c1.400.3 2.800-.5 2.800-2.300C17.500 15 15 12 12 12z",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 017 0v3",
} as const;

export type IconName = keyof typeof PATHS;

/** Draw a picture as large as the letters around it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
