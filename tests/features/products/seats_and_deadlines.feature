@core @http @command-line
Feature: Seats and payment deadlines
  Staff set how many seats a course run has and until when it is sold.

  Rule: A seat is reserved by an unpaid order and kept by a paid one

    @PRD-12
    Scenario: Staff see paid and reserved seats separately
      Given the shop sells the course run "6.86x-1T2027" for $39.33 with 3 seats
      And Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      And Bob bought "6.86x-1T2027"
      Then "6.86x-1T2027" has 1 paid seat and 1 reserved seat

  Rule: The capacity is never below the number of seats taken

    @PRD-13
    Scenario: A capacity below the taken seats is refused
      Given the shop sells the course run "6.86x-1T2027" for $39.33 with 3 seats
      And Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      And Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      When staff set the capacity of "6.86x-1T2027" to 1
      Then staff are refused with the message "cannot have 1 seats: 2 are taken"
      When staff set the capacity of "6.86x-1T2027" to 2
      And Carol adds "6.86x-1T2027" to her basket
      Then the shop refuses with the message "Every seat of"
      When staff remove the capacity limit of "6.86x-1T2027"
      And Carol adds "6.86x-1T2027" to her basket
      Then the total of Carol's basket is $39.33

  Rule: After the payment deadline, only orders placed before it can be paid

    @PRD-14
    Scenario: An order placed before the deadline can still be paid
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      And Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      When staff set the payment deadline of "6.86x-1T2027" to 2 minutes from now
      And 3 minutes pass
      And Bob adds "6.86x-1T2027" to his basket
      Then the shop refuses with the message "The payment deadline of"
      When Ada pays with a valid card
      Then Ada's order is paid
      When staff remove the payment deadline of "6.86x-1T2027"
      And Bob adds "6.86x-1T2027" to his basket
      Then the total of Bob's basket is $39.33

  Rule: The audit log says who changed the capacity

    @PRD-15
    Scenario: Each change of capacity is in the audit log once
      Given the shop sells the course run "6.86x-1T2027" for $39.33 with 3 seats
      When staff set the capacity of "6.86x-1T2027" to 5
      And staff set the capacity of "6.86x-1T2027" to 5
      And staff remove the capacity limit of "6.86x-1T2027"
      Then the audit log of "6.86x-1T2027" shows
        | who | what           | why |
        | eve | seats 5 → none |     |
        | eve | seats 3 → 5    |     |
