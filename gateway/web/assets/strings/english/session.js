// To be filled by its view.

export default {};
